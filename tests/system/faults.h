/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The daemon and all that it starts, under ptrace. One at a time. */
#ifndef TESTS_SYSTEM_FAULTS_H
#define TESTS_SYSTEM_FAULTS_H

#include <stdbool.h>
#include <sys/types.h>

/* What fails. */
enum fault_kind { FAULT_CALLS, FAULT_MEMORY };

/* Start the daemon; it is watched from its first call on. */
bool tracer_start(char *const argv[], enum fault_kind kind);
bool tracer_daemon_lives(void);
unsigned tracer_daemon_files(void);
void tracer_end(void);

/* From now on: the number-th call (or allocation) that can fail does. */
void tracer_arm(unsigned long number);
bool tracer_disarm(void);       /* True when it was reached. */
const char *tracer_hit(void);   /* Which call of which program that was. */
const char *tracer_crash(void); /* Who died of a signal since then, "" for nobody. */

/* Watch until this process (not one that is traced) has ended; its exit status, -1 when it did not
 * end in time and was killed. */
int tracer_wait(pid_t pid, unsigned limit_ms);
/* Watch for so long. */
void tracer_turn(unsigned ms);
/* Watch until no helper is left. False when one was at the end of the time. */
bool tracer_settle(unsigned limit_ms);

/* What the call can fail with here, 0: never, or not in a way that a program has to survive. */
int fault_of(pid_t pid, long call, unsigned long first_argument, unsigned long second_argument);
const char *fault_name(long call);

#endif
