/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/events.h"

static struct event listed[EVENTS_MAX];

Test(events, an_empty_ring_lists_nothing) {
    struct event_ring ring = {0};
    cr_expect_eq(event_ring_list(&ring, listed, EVENTS_MAX), 0);
    event_ring_finish(&ring);
}

Test(events, events_come_back_oldest_first_and_the_newest_when_few_are_asked_for) {
    struct event_ring ring = {0};
    for (uint64_t i = 0; i < 10; i++) {
        char text[32];
        snprintf(text, sizeof text, "event %d", (int)i);
        event_ring_add(&ring, 1000 + i, (enum event_kind)i, i * UINT64_C(10000000000), text);
    }
    cr_assert_eq(event_ring_list(&ring, listed, EVENTS_MAX), 10);
    cr_expect_str_eq(listed[0].text, "event 0");
    cr_expect_eq(listed[9].wall_ms, 1009);
    cr_expect_eq(listed[9].kind, 9);
    cr_expect_eq(listed[9].number, UINT64_C(90000000000));
    cr_assert_eq(event_ring_list(&ring, listed, 3), 3);
    cr_expect_str_eq(listed[0].text, "event 7");
    event_ring_finish(&ring);
}

Test(events, a_quiet_mount_costs_little) {
    struct event_ring ring = {0};
    event_ring_add(&ring, 1, EVENT_STATE, 0, "mounting: at startup");
    event_ring_add(&ring, 2, EVENT_STATE, 0, "mounted: mounted in 210 ms");
    cr_expect_leq(ring.size, 128);
    event_ring_finish(&ring);
}

Test(events, long_texts_are_cut) {
    struct event_ring ring = {0};
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    event_ring_add(&ring, 1, EVENT_STATE, 0, text);
    cr_assert_eq(event_ring_list(&ring, listed, EVENTS_MAX), 1);
    cr_expect_eq(strlen(listed[0].text), EVENT_TEXT_MAX - 1);
    event_ring_finish(&ring);
}

/* The ring against a plain model of what was added. */
Test(events, a_hundred_thousand_random_events) {
    static char texts[EVENTS_MAX][EVENT_TEXT_MAX + 50];
    struct event_ring ring = {0};
    srand(6);
    for (uint64_t i = 0; i < 100000; i++) {
        char *text = texts[i % EVENTS_MAX];
        int len = rand() % (rand() % 8 == 0 ? EVENT_TEXT_MAX + 40 : 60);
        for (int k = 0; k < len; k++)
            text[k] = (char)(1 + rand() % 255);
        text[len] = '\0';
        event_ring_add(&ring, i, (enum event_kind)(i % EVENT_KIND_COUNT), i * 3, text);
        cr_assert_leq(ring.size, EVENTS_BYTES_MAX);
        cr_assert_leq(ring.used, ring.size);
        if (i % 97 != 0)
            continue;
        size_t n = event_ring_list(&ring, listed, EVENTS_MAX);
        cr_assert(n == ring.count && n > 0 && n <= EVENTS_MAX);
        cr_assert(i < 40 || n > 40, "16 KiB hold more than %zu events", n);
        for (size_t k = 0; k < n; k++) {
            uint64_t at = i + 1 - n + k;
            cr_assert_eq(listed[k].wall_ms, at);
            cr_assert_eq(listed[k].number, at * 3);
            cr_assert_eq(listed[k].kind, at % EVENT_KIND_COUNT);
            cr_assert_eq(strncmp(listed[k].text, texts[at % EVENTS_MAX], EVENT_TEXT_MAX - 1), 0);
        }
    }
    event_ring_finish(&ring);
}

Test(events, every_kind_has_a_name) {
    for (unsigned i = 0; i < EVENT_KIND_COUNT; i++)
        cr_expect_neq(event_kind_name((enum event_kind)i)[0], '?');
    cr_expect_str_eq(event_kind_name(EVENT_KIND_COUNT), "?");
}
