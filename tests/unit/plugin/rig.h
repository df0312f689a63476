/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the plugin tests share: a trusted folder with chosen plugins, and a loop with a limit. */
#ifndef TESTS_PLUGIN_RIG_H
#define TESTS_PLUGIN_RIG_H

#include <stdbool.h>
#include <uv.h>

#include "smbmounter/plugin.h"

#define RIG_PATH_MAX 512

/* A new folder that base/secure.h trusts, with these plugins of tests/plugins (names without .so,
 * up to NULL). Skips the test when no place on this machine is trusted. */
void rig_folder(char folder[RIG_PATH_MAX], const char *const names[]);
void rig_add(const char *folder, const char *name, const char *as);
void rig_remove(const char *folder);
unsigned rig_uid(void);

/* A mount as plugins see it. */
struct smbm_mount rig_mount(void);

/* Run the loop until *flag or for limit_ms. Yields *flag. */
bool rig_run(uv_loop_t *loop, const bool *flag, uint64_t limit_ms);

/* Run the loop for a time. */
void rig_run_for(uv_loop_t *loop, uint64_t ms);

#endif
