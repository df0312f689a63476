/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The machine slept: what was seen before, or was under way meanwhile, says nothing of now. */
#ifndef DAEMON_WAKE_H
#define DAEMON_WAKE_H

#include "daemon/daemon.h"

/* How long it slept, when both clocks moved on by so much; 0 when it did not. */
uint64_t wake_slept_ms(uint64_t boot_ms, uint64_t awake_ms);

/* It has slept for so long: strikes and half-seen signs are forgotten, every mount and every server
 * that somebody waits for is looked at now. */
void wake_all(struct daemon *daemon, uint64_t slept_ms);

#endif
