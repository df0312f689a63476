/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Reading the steps that a recovery has already taken. */
#ifndef PLUGINS_COMMON_STEPS_H
#define PLUGINS_COMMON_STEPS_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <stddef.h>

/* The newest step of that kind in this attempt, or NULL. */
const struct smbm_done *steps_last(const struct smbm_situation *s, uint32_t step);

/* How many steps of that kind came after the newest step `since` (all of the attempt when there is
 * none). */
size_t steps_count_after(const struct smbm_situation *s, uint32_t step, uint32_t since);

/* The newest step is of that kind. */
bool steps_just_did(const struct smbm_situation *s, uint32_t step);

/* How many steps of that kind ended so, in this attempt. */
size_t steps_with(const struct smbm_situation *s, uint32_t step, uint32_t outcome);

#endif
