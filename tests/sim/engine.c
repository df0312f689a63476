/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define DUE_MAX 1024
#define BOOT_MS 1000000u /* the program takes 0 for "never" */

struct due {
    uint64_t id, at_ms;
    engine_fn *fn;
    void *arg;
};

static struct {
    struct due items[DUE_MAX];
    unsigned len;
    uint64_t awake_ms, slept_ms, last_id, random;
    void (*watch)(void);
} engine;

void engine_must(bool ok) {
    if (!ok) {
        fprintf(stderr, "the simulation is out of its limits\n");
        abort();
    }
}

void engine_reset(uint64_t seed, void (*watch)(void)) {
    memset(&engine, 0, sizeof engine);
    engine.random = seed * 0x9e3779b97f4a7c15u + 1u;
    engine.watch = watch;
}

uint64_t engine_now(void) {
    return engine.awake_ms + engine.slept_ms;
}

uint64_t engine_after(uint64_t ms, engine_fn *fn, void *arg) {
    engine_must(engine.len < DUE_MAX);
    engine.items[engine.len++] = (struct due){++engine.last_id, engine.awake_ms + ms, fn, arg};
    return engine.last_id;
}

void engine_cancel(uint64_t id) {
    for (unsigned i = 0; i < engine.len; i++) {
        if (engine.items[i].id == id) {
            engine.items[i] = engine.items[--engine.len];
            return;
        }
    }
}

/* The earliest, of two at the same time the one that was asked for first; DUE_MAX: none. */
static unsigned first_until(uint64_t until_ms) {
    unsigned best = DUE_MAX;
    for (unsigned i = 0; i < engine.len; i++) {
        const struct due *d = &engine.items[i];
        const struct due *b = best == DUE_MAX ? NULL : &engine.items[best];
        if (d->at_ms <= until_ms &&
            (b == NULL || d->at_ms < b->at_ms || (d->at_ms == b->at_ms && d->id < b->id)))
            best = i;
    }
    return best;
}

void engine_run(uint64_t ms) {
    uint64_t until = engine.awake_ms + ms;
    for (unsigned i; (i = first_until(until)) != DUE_MAX;) {
        struct due d = engine.items[i];
        engine.items[i] = engine.items[--engine.len];
        engine.awake_ms = d.at_ms;
        d.fn(d.arg);
        if (engine.watch != NULL)
            engine.watch();
    }
    engine.awake_ms = until;
}

void engine_sleep(uint64_t ms) {
    engine.slept_ms += ms;
}

uint64_t engine_random(uint64_t low, uint64_t high) {
    engine.random ^= engine.random << 13;
    engine.random ^= engine.random >> 7;
    engine.random ^= engine.random << 17;
    return low + (engine.random >> 8) % (high - low + 1u);
}

uint64_t clock_boot_ms(void) {
    return BOOT_MS + engine_now();
}

uint64_t clock_awake_ms(void) {
    return BOOT_MS + engine.awake_ms;
}

uint64_t clock_wall_ms(void) {
    return clock_boot_ms();
}

void clock_format_wall(uint64_t wall_ms, char text[CLOCK_TEXT_MAX]) {
    snprintf(text, CLOCK_TEXT_MAX, "%llu ms", (unsigned long long)(wall_ms - BOOT_MS));
}

void clock_format_span(uint64_t span_ms, char text[CLOCK_TEXT_MAX]) {
    snprintf(text, CLOCK_TEXT_MAX, "%llu ms", (unsigned long long)span_ms);
}
