/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A shared object that is no plugin. */
int no_plugin_at_all(void);

__attribute__((visibility("default"))) int no_plugin_at_all(void) {
    return 1;
}
