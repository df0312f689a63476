/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#ifndef MOUNT_HARDEN_H
#define MOUNT_HARDEN_H

#include "mount/helper_parts.h"

#define HARDEN_NOTE_MAX 160

/* Set nosuid and nodev on a mount that lacks them and was not made by us. When that fails, note and
 * the result say so. */
void harden_mount(struct helper *helper, const struct helper_look *look,
                  char note[HARDEN_NOTE_MAX]);

#endif
