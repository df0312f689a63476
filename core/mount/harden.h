/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#ifndef MOUNT_HARDEN_H
#define MOUNT_HARDEN_H

#include "mount/helper_parts.h"

/* Set nosuid and nodev on a command's mount that lacks them; note says so when that fails. */
void harden_mount(struct helper *helper, const struct helper_look *look, char *note,
                  size_t note_size);

#endif
