/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Small files in the runtime folder that outlive the daemon: NAME.down says that a mount was
 * unmounted by hand (or idle) and must stay down when the daemon is started again. They are gone
 * with the next boot, since the folder is. */
#ifndef DAEMON_MARKS_H
#define DAEMON_MARKS_H

#include "daemon/supervisor.h"

/* Make the runtime folder (0700, below folders of root's alone) and take its .daemon.lock: two
 * daemons with one folder, even by different sockets, would look after the same mounts. The fd that
 * holds it for life, or -errno. */
int marks_prepare(const char *directory, struct err *err);

/* Write the mark when the mount is down by hand or idle. */
void marks_note(const struct supervisor *s);
void marks_clear(const struct supervisor *s);
/* Why it is down: BY_HAND or IDLE; NONE when nobody took it down. */
enum machine_reason marks_down(const struct supervisor *s);

#endif
