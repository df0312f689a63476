/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A heartbeat that notices sleep. */
#ifndef OS_BEAT_H
#define OS_BEAT_H

#include <stdint.h>

/* An fd that is readable every so often by a clock that goes on while the machine sleeps: at once
 * after waking. -errno where there is no such thing. */
int os_beat_open(uint32_t every_ms);
void os_beat_drain(int fd);

#endif
