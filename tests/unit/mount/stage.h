/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* One mount with the command mounter on tmpfs, in a mount namespace of its own. */
#ifndef TESTS_MOUNT_STAGE_H
#define TESTS_MOUNT_STAGE_H

#include "play.h"

#define AT "/run/m/media"

extern struct helper_request request;
extern struct play done;

void stage_set_up(void);
/* Play the request with this operation; the class of what is in done. */
enum helper_class stage_do(enum helper_op op);
/* How many mounts there are at AT. */
size_t stage_depth(void);
void stage_mount_ours(void);

#endif
