/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Fake time. Things are due on the clock of the machine's waking hours; sleep moves only the clock
 * that the program sees. One simulation a process: base/clock.h's functions have no argument to
 * find it by, and engine.c stands in for them.
 */
#ifndef SIM_ENGINE_H
#define SIM_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

typedef void engine_fn(void *arg);

/* Forget everything; time is 0 again. watch is called after each thing done, may be NULL. */
void engine_reset(uint64_t seed, void (*watch)(void));

/* Milliseconds since the simulation began, sleep included. */
uint64_t engine_now(void);

/* Do fn(arg) in ms. Returns an id (never 0) for engine_cancel, which takes 0 and old ones too. */
uint64_t engine_after(uint64_t ms, engine_fn *fn, void *arg);
void engine_cancel(uint64_t id);

/* Let so much waking time pass. */
void engine_run(uint64_t ms);

/* The machine sleeps: nothing happens, and then it is ms later. */
void engine_sleep(uint64_t ms);

/* low to high, both included. */
uint64_t engine_random(uint64_t low, uint64_t high);

/* Ends the program when not: a limit of the simulation itself. */
void engine_must(bool ok);

#endif
