/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Loading configuration and plugins in a short-lived command, as the daemon would. */
#ifndef DAEMON_SETUP_LOAD_H
#define DAEMON_SETUP_LOAD_H

#include "daemon/reload.h"

struct setup_load {
    struct loaded loaded; /* empty when there are problems */
    char *problems;       /* lines; "" when there are none; NULL before it was loaded */
};

/* 0 when it could be tried (look at problems), else -errno. */
int setup_load(const char *path, struct setup_load *load, struct err *err);
void setup_load_finish(struct setup_load *load);

#endif
