/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* systemd's readiness protocol: one datagram to $NOTIFY_SOCKET (sd_notify(3)), without libsystemd,
 * which would bring a dozen libraries into a root process. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

/* Send "READY=1" and the like; nothing happens where no socket is named. */
void notify_send(const char *text);

/* Half of the watchdog's time, in which a ping is due; 0: no watchdog. */
uint32_t notify_watchdog_ms(void);

#endif
