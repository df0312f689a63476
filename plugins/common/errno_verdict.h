/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * What an errno of a mounted path says about the mount: the one table of it. Times matter: a cifs
 * mount answers EHOSTDOWN in milliseconds when its login broke, and after 10 s when its connection
 * did.
 */
#ifndef PLUGINS_COMMON_ERRNO_VERDICT_H
#define PLUGINS_COMMON_ERRNO_VERDICT_H

#include <smbmounter/plugin.h>
#include <stdbool.h>

/* Shorter EHOSTDOWNs come from the session, longer ones from the connection. */
#define ERRNO_FAST_MS 1000
#define ERRNO_SLOW_MS 9000

/* The carry word that counts immediate EAGAINs in a row: a probe that uses errno_report leaves it
 * alone, and zeroes it when its call succeeds. */
#define ERRNO_AGAIN_WORD 0

/* Judge a failed call: sets verdict, os_errno, took_us and evidence ("statx failed after 3 ms:
 * ..."). smb: the mount is of the kernel's SMB client. */
void errno_report(struct smbm_report *report, const char *call, int error, uint64_t took_us,
                  bool smb);

#endif
