/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* From recorded events to plain sentences (command why). Pure. */
#ifndef CONTROL_STORY_H
#define CONTROL_STORY_H

#include <stddef.h>

#include "control/events.h"
#include "control/fields.h"

#define STORY_LINES_MAX 128

/* Tell the last incidents of one mount from its events (oldest first): what happened, why, what
 * was done, how long it took, what is to do. Returns the number of lines written. */
size_t story_tell(const char *mount, const char *server, const struct event *events, size_t len,
                  uint64_t now_wall_ms, struct story_record *lines, size_t max);

#endif
