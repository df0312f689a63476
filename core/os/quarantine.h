/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Files that macOS holds back because they came from the network. Nowhere else. */
#ifndef OS_QUARANTINE_H
#define OS_QUARANTINE_H

#include <stdbool.h>

bool os_is_quarantined(const char *path);

#endif
