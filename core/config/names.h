/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What may stand in a name: pure checks, each says yes or no. */
#ifndef CONFIG_NAMES_H
#define CONFIG_NAMES_H

#include <stdbool.h>

bool names_is_mount(const char *text);  /* A-Z a-z 0-9 . _ - , not starting with . or - */
bool names_is_plugin(const char *text); /* a-z 0-9 - , 1 to 32 bytes */
bool names_is_host(const char *text);   /* DNS name, IPv4 or bare IPv6 (with %zone) */
bool names_is_share(const char *text);  /* NAME or NAME/folder: no , \ control . .. */
bool names_is_path(const char *text);   /* absolute, normalised, not "/" */
bool names_is_user(const char *text);   /* on the server: no , control; may be DOMAIN\user */
bool names_is_domain(const char *text); /* no , \ control */
bool names_is_local(const char *text);  /* a user or group of this machine */
bool names_is_fstype(const char *text); /* as the mount table writes it: "fuse.sshfs" */

#endif
