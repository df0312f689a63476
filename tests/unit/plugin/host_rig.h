/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The inside of a plugin host, in the process of the test. */
#ifndef TESTS_PLUGIN_HOST_RIG_H
#define TESTS_PLUGIN_HOST_RIG_H

#include "fail.h"
#include "plugin/host.h"
#include "rig.h"

extern struct host host;
extern struct err err;
extern char folder[RIG_PATH_MAX];

/* A host with these plugins of tests/plugins (names up to NULL) copied. */
void host_begin(const char *const names[]);
void host_end(void);

#endif
