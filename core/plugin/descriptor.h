/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * What the daemon knows of a plugin file: copied out of the plugin by a plugin host
 * (smbmounter-plugin-host --describe FILE), sent over a pipe and checked here. The daemon itself
 * never loads a plugin.
 */
#ifndef PLUGIN_DESCRIPTOR_H
#define PLUGIN_DESCRIPTOR_H

#include <smbmounter/plugin.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/wire.h"

#define DESCRIPTOR_NAME_MAX 33
#define DESCRIPTOR_OPTIONS_MAX 32

struct descriptor {
    char file[256]; /* name in the plugin folder */
    char name[DESCRIPTOR_NAME_MAX];
    char summary[SMBM_TEXT_MAX], version[32];
    uint32_t kind; /* enum smbm_kind; 0 when it could not be loaded */
    uint32_t subject, flags, interval_ms, timeout_ms; /* probes */
    uint16_t abi_major, abi_minor;
    struct smbm_option *options; /* own copies, ended by SMBM_OPTIONS_END; never NULL when ok */
    bool ok;
    char error[ERR_TEXT_MAX]; /* why not ok */
    uint64_t stamp; /* device, inode, size and mtime of the file in one number: changed or not */
};

/* Is this the name of a plugin file: not hidden, ending in .so (macOS: .dylib, too)? */
bool descriptor_is_file(const char *name);

void descriptor_finish(struct descriptor *d);

/* Host side: put the header of a loaded plugin into a DESCRIBE frame. Returns its length or 0. */
size_t descriptor_encode(const struct smbm_header *header, const struct smbm_probe *probe,
                         void *buffer, size_t size);

/* Daemon side: believe nothing. 0, or -EPROTO/-EINVAL/-ENOMEM with err saying what is wrong. */
int descriptor_decode(struct wire_in *payload, struct descriptor *d, struct err *err);

#endif
