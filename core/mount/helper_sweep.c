/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Many plain unmounts in one process: what is refused, or is not as the daemon saw it, stays and is
 * left to a helper of its own, which says why. */
#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "mount/helper_parts.h"
#include "mount/lock.h"
#include "mount/table.h"
#include "os/os.h"

size_t helper_encode_sweep(const struct helper_sweep *sweep, void *buffer, size_t size) {
    struct wire_out w;
    wire_begin(&w, buffer, size, HELPER_SWEEP);
    wire_put_str(&w, sweep->directory);
    wire_put_str(&w, sweep->name);
    wire_put_str(&w, sweep->mountpoint);
    wire_put_u64(&w, sweep->mount_id);
    wire_put_u64(&w, sweep->device);
    return wire_end(&w);
}

int helper_decode_sweep(struct wire_in *payload, struct helper_sweep *sweep) {
    sweep->directory = wire_get_str(payload);
    sweep->name = wire_get_str(payload);
    sweep->mountpoint = wire_get_str(payload);
    sweep->mount_id = wire_get_u64(payload);
    sweep->device = wire_get_u64(payload);
    return wire_done(payload) ? 0 : -EPROTO;
}

static bool is_as_seen(const struct mount_table *table, const struct helper_sweep *sweep) {
    const struct mount_entry *entry = mount_table_top(table, sweep->mountpoint);
    return sweep->mount_id != 0 && entry != NULL && entry->id == sweep->mount_id &&
           entry->device == sweep->device;
}

static void take_away(const struct helper_sweep *sweep) {
    CLEANUP_CLOSE int lock = lock_take(sweep->directory, sweep->name, NULL);
    if (lock >= 0)
        (void)os_unmount(sweep->mountpoint, sweep->mount_id, false, false);
}

void helper_sweep(int fd, unsigned char *buffer, struct wire_in *payload) {
    struct mount_table table;
    struct helper_sweep sweep;
    uint32_t type = HELPER_SWEEP;
    if (mount_table_read(&table, NULL) != 0)
        return;
    int rc = 0;
    while (rc == 0 && type == HELPER_SWEEP && helper_decode_sweep(payload, &sweep) == 0) {
        if (is_as_seen(&table, &sweep))
            take_away(&sweep);
        rc = wire_read(fd, buffer, WIRE_HEAD + WIRE_FRAME_MAX, &type, payload);
    }
    mount_table_finish(&table);
}
