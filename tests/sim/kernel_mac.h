/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * macOS's client, with the times of its sources: it notices a silent server only when something is
 * asked of it, 35 s later it reconnects (a reset: at once); 5 s after that it says so, 12 s after
 * that calls fail (which statfs hides), 60 s after that it gives up for good.
 */
#ifndef SIM_KERNEL_MAC_H
#define SIM_KERNEL_MAC_H

#include "common/smbfs.h"
#include "world.h"

void mac_mode_changed(struct kmount *m, enum server_mode after);
int mac_look(struct kmount *m, uint64_t began_ms);
uint64_t mac_reap_ms(const struct kmount *m);
bool mac_is_well(const struct kmount *m);
struct smbfs_status mac_status(const struct kmount *m);

#endif
