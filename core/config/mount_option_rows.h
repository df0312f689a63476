/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Rows of mount_option_table, for the files that define it. */
#ifndef CONFIG_MOUNT_OPTION_ROWS_H
#define CONFIG_MOUNT_OPTION_ROWS_H

#include "config/mount_options.h"

#define FLAG(name, help)                                                                           \
    { name, MOUNT_OPTION_FLAG, 0, 0, NULL, 0, help }
#define VFS(name, flag, help)                                                                      \
    { name, MOUNT_OPTION_VFS, 0, 0, NULL, flag, help }
#define FORCED(name, flag, help)                                                                   \
    { name, MOUNT_OPTION_FORCED, 0, 0, NULL, flag, help }
#define INT(name, min, max, help)                                                                  \
    { name, MOUNT_OPTION_INT, min, max, NULL, 0, help }
#define OCTAL(name, help)                                                                          \
    { name, MOUNT_OPTION_OCTAL, 0, 07777, NULL, 0, help }
#define ID(name, help)                                                                             \
    { name, MOUNT_OPTION_ID, 0, 4294967294, NULL, 0, help }
#define TEXT(name, help)                                                                           \
    { name, MOUNT_OPTION_TEXT, 1, MOUNT_OPTION_TEXT_MAX, NULL, 0, help }
#define CHOICE(name, choices, help)                                                                \
    { name, MOUNT_OPTION_CHOICE, 0, 0, choices, 0, help }

#endif
