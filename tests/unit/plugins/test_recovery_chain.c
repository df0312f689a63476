/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The default chain of recovery plugins, asked from the top after every step as the daemon does:
 * the decision table of the whole. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake_host.h"

static const struct smbm_mount cifs = {.size = sizeof cifs,
                                       .mounted = 1,
                                       .name = "media",
                                       .mounter = "cifs",
                                       .server = "nas",
                                       .share = "media",
                                       .source = "//nas/media",
                                       .fstype = "cifs",
                                       .mountpoint = "/mnt/media",
                                       .address = "10.9.0.2",
                                       .port = 445,
                                       .mount_id = 7};

#define UP .mounted = 1, .server = SMBM_ANSWERS
#define LONG .server_since_ms = 3600000

struct chain {
    struct fake_plugin plugins[4];
};

static void load_chain(struct chain *chain) {
    static const char *const names[] = {"await-server", "backoff", "reconnect",
                                        "force-unmount-remount"};

    for (int i = 0; i < 4; i++) {
        const char *error = fake_load(&chain->plugins[i], names[i]);
        cr_assert_null(error, "%s: %s", names[i], error);
    }
}

static struct smbm_decision ask(struct chain *chain, const struct smbm_situation *s) {
    struct smbm_decision d = {.step = SMBM_STEP_PASS};

    for (int i = 0; i < 4 && d.step == SMBM_STEP_PASS; i++) {
        d = fake_next(&chain->plugins[i], &cifs, s);
    }
    return d;
}

static void did(struct smbm_situation *s, uint32_t step, uint32_t outcome, uint64_t took_ms) {
    if (s->steps_len == SMBM_STEPS_MAX) {
        memmove(s->steps, s->steps + 1, sizeof s->steps - sizeof s->steps[0]);
        s->steps_len--;
    }
    for (uint32_t i = 0; i < s->steps_len; i++) {
        s->steps[i].ago_ms += took_ms;
    }
    s->steps[s->steps_len++] = (struct smbm_done){.step = step, .outcome = outcome};
    s->attempt_ms += took_ms;
    s->outage_ms += took_ms;
    s->server_since_ms += took_ms;
}

static void expect(struct chain *chain, struct smbm_situation *s, uint32_t step) {
    struct smbm_decision d = ask(chain, s);

    cr_assert_eq(d.step, step, "step %u (%s), not %u", d.step, d.reason, step);
}

/* Half open, but the kernel cannot destroy sockets: the mount gets its grace, then a new one. */
Test(recovery_chain, half_open_without_reconnect) {
    static struct chain chain;
    struct smbm_situation s = {UP, LONG, .verdict = SMBM_DEAD};
    struct smbm_decision d;
    int looks = 0;

    load_chain(&chain);
    expect(&chain, &s, SMBM_STEP_RECONNECT);
    did(&s, SMBM_STEP_RECONNECT, SMBM_OUTCOME_FAILED, 20);
    while ((d = ask(&chain, &s)).step == SMBM_STEP_WAIT || d.step == SMBM_STEP_PROBE) {
        looks += d.step == SMBM_STEP_PROBE;
        cr_assert_lt(looks, 20);
        did(&s, d.step, d.step == SMBM_STEP_WAIT ? SMBM_OUTCOME_OK : SMBM_OUTCOME_FAILED,
            d.step == SMBM_STEP_WAIT ? d.wait_ms : 10);
    }
    cr_assert_geq(looks, 3);
    cr_assert_eq(d.step, SMBM_STEP_DETACH);
    cr_assert(s.attempt_ms >= 5000 && s.attempt_ms < 6500);
    did(&s, SMBM_STEP_DETACH, SMBM_OUTCOME_OK, 50);
    s.mounted = 0;
    expect(&chain, &s, SMBM_STEP_MOUNT);
    did(&s, SMBM_STEP_MOUNT, SMBM_OUTCOME_OK, 300);
    s.mounted = 1;
    expect(&chain, &s, SMBM_STEP_DONE);
}

/* Half open, and the socket can be destroyed: a probe within half a second, and nothing is
 * unmounted. */
Test(recovery_chain, half_open) {
    static struct chain chain;
    struct smbm_situation s = {UP, LONG, .verdict = SMBM_DEAD};
    struct smbm_decision d;

    load_chain(&chain);
    expect(&chain, &s, SMBM_STEP_RECONNECT);
    did(&s, SMBM_STEP_RECONNECT, SMBM_OUTCOME_OK, 20);
    d = ask(&chain, &s);
    cr_assert_eq(d.step, SMBM_STEP_WAIT);
    cr_assert_leq(d.wait_ms, 500);
    did(&s, SMBM_STEP_WAIT, SMBM_OUTCOME_OK, d.wait_ms);
    expect(&chain, &s, SMBM_STEP_PROBE);
}

/* Down for ten minutes and back: the kernel gets its time from the server's first answer on. */
Test(recovery_chain, server_comes_back) {
    static struct chain chain;
    struct smbm_situation s = {.mounted = 1, .server = SMBM_REFUSED, .verdict = SMBM_DEAD};

    load_chain(&chain);
    expect(&chain, &s, SMBM_STEP_AWAIT);
    did(&s, SMBM_STEP_AWAIT, SMBM_OUTCOME_OK, 600000);
    s.server = SMBM_ANSWERS;
    s.server_since_ms = 0;
    while (s.server_since_ms < 5000) {
        struct smbm_decision d = ask(&chain, &s);
        cr_assert(d.step == SMBM_STEP_PROBE || d.step == SMBM_STEP_WAIT, "%s", d.reason);
        did(&s, d.step, SMBM_OUTCOME_FAILED, d.step == SMBM_STEP_WAIT ? d.wait_ms : 10);
    }
    expect(&chain, &s, SMBM_STEP_RECONNECT); /* still dead: now our connection is to blame */
}

/* Packets were lost and arrive again: our connection sleeps between its repeats, so it is cut at
 * once; when there is nothing to cut, the kernel gets its time. */
Test(recovery_chain, packets_arrive_again) {
    static struct chain chain;
    struct smbm_situation s = {.mounted = 1, .server = SMBM_UNREACHABLE, .verdict = SMBM_DEAD};

    load_chain(&chain);
    expect(&chain, &s, SMBM_STEP_AWAIT);
    did(&s, SMBM_STEP_AWAIT, SMBM_OUTCOME_OK, 10000);
    s.server = SMBM_ANSWERS;
    s.server_since_ms = 0;
    expect(&chain, &s, SMBM_STEP_RECONNECT);
    did(&s, SMBM_STEP_RECONNECT, SMBM_OUTCOME_FAILED, 20);
    while (s.server_since_ms < 20000) {
        struct smbm_decision d = ask(&chain, &s);
        cr_assert(d.step == SMBM_STEP_PROBE || d.step == SMBM_STEP_WAIT, "%s", d.reason);
        did(&s, d.step, SMBM_OUTCOME_FAILED, d.step == SMBM_STEP_WAIT ? d.wait_ms : 10);
    }
}

/* A server that is slow to answer is now mute, now there. Our stalled connection is cut as soon as
 * it is there, but once: after that the kernel gets its time, however often the server is mute. */
Test(recovery_chain, stalled_at_a_server_that_is_mute_now_and_then) {
    static struct chain chain;
    struct smbm_situation s = {.mounted = 1, .verdict = SMBM_DEAD, .flags = SMBM_REPORT_STALLED};

    load_chain(&chain);
    for (int spell = 0; spell < 2; spell++) {
        s.server = SMBM_MUTE;
        expect(&chain, &s, SMBM_STEP_AWAIT);
        did(&s, SMBM_STEP_AWAIT, SMBM_OUTCOME_OK, 3000);
        s.server = SMBM_ANSWERS;
        s.server_since_ms = 0;
        if (spell == 0) {
            expect(&chain, &s, SMBM_STEP_RECONNECT);
            did(&s, SMBM_STEP_RECONNECT, SMBM_OUTCOME_OK, 20);
        }
        while (s.server_since_ms < 4000) {
            struct smbm_decision d = ask(&chain, &s);
            cr_assert(d.step == SMBM_STEP_PROBE || d.step == SMBM_STEP_WAIT, "%s", d.reason);
            did(&s, d.step, SMBM_OUTCOME_FAILED, d.step == SMBM_STEP_WAIT ? d.wait_ms : 10);
        }
    }
}

/* The same without a plugin that cuts: not a whit less time for the kernel. */
Test(recovery_chain, packets_arrive_again_and_nobody_cuts) {
    static struct chain chain;
    struct smbm_situation s = {.mounted = 1, .server = SMBM_UNREACHABLE, .verdict = SMBM_DEAD};

    load_chain(&chain);
    expect(&chain, &s, SMBM_STEP_AWAIT);
    did(&s, SMBM_STEP_AWAIT, SMBM_OUTCOME_OK, 10000);
    s.server = SMBM_ANSWERS;
    s.server_since_ms = 0;
    while (s.server_since_ms < 5000) {
        struct smbm_decision d = fake_next(&chain.plugins[0], &cifs, &s);
        if (d.step == SMBM_STEP_PASS) {
            d = fake_next(&chain.plugins[3], &cifs, &s);
        }
        cr_assert(d.step == SMBM_STEP_PROBE || d.step == SMBM_STEP_WAIT, "%s", d.reason);
        did(&s, d.step, SMBM_OUTCOME_FAILED, d.step == SMBM_STEP_WAIT ? d.wait_ms : 10);
    }
}

/* It answers at another address only. Cutting the dead connection makes kernels look the name up
 * again; when that does not help within the grace, the mount goes there. */
static void moved(struct smbm_situation s) {
    static struct chain chain;

    load_chain(&chain);
    expect(&chain, &s, SMBM_STEP_RECONNECT);
    did(&s, SMBM_STEP_RECONNECT, SMBM_OUTCOME_FAILED, 20);
    while (s.server_since_ms < 5000 || s.attempt_ms < 5000) {
        struct smbm_decision d = ask(&chain, &s);
        cr_assert(d.step == SMBM_STEP_PROBE || d.step == SMBM_STEP_WAIT, "%s", d.reason);
        did(&s, d.step, SMBM_OUTCOME_FAILED, d.step == SMBM_STEP_WAIT ? d.wait_ms : 10);
    }
    expect(&chain, &s, SMBM_STEP_DETACH);
    did(&s, SMBM_STEP_DETACH, SMBM_OUTCOME_OK, 50);
    s.mounted = 0;
    expect(&chain, &s, SMBM_STEP_MOUNT);
}

Test(recovery_chain, moved) {
    struct smbm_situation s = {UP, LONG, .verdict = SMBM_DEAD, .server_flags = SMBM_REPORT_MOVED};

    moved(s);
    s.server_since_ms = 0;
    s.verdict = SMBM_SUSPECT;
    did(&s, SMBM_STEP_AWAIT, SMBM_OUTCOME_OK, 0);
    moved(s);
}

/* Late, or the kernel makes a new connection that waits for the same slow share: two minutes of
 * patience, with a look every few seconds, and with what the server said going stale at times. */
static void be_patient(uint32_t verdict, uint32_t flags) {
    static struct chain chain;
    struct smbm_situation s = {UP, LONG, .verdict = verdict, .flags = flags};
    unsigned looks = 0;

    load_chain(&chain);
    if (!flags) {
        expect(&chain, &s, SMBM_STEP_RECONNECT);
        did(&s, SMBM_STEP_RECONNECT, SMBM_OUTCOME_FAILED, 20);
    }
    while (s.outage_ms < 120000) {
        struct smbm_decision d = ask(&chain, &s);
        cr_assert(d.step == SMBM_STEP_PROBE || d.step == SMBM_STEP_WAIT ||
                      (d.step == SMBM_STEP_AWAIT && s.server == SMBM_UNKNOWN),
                  "%s", d.reason);
        looks += d.step == SMBM_STEP_PROBE;
        s.server = d.step == SMBM_STEP_WAIT && looks % 3 == 0 ? SMBM_UNKNOWN : SMBM_ANSWERS;
        did(&s, d.step, SMBM_OUTCOME_FAILED, d.step == SMBM_STEP_WAIT ? d.wait_ms : 5000);
    }
    cr_assert_geq(looks, 10);
    s.server = SMBM_ANSWERS;
    expect(&chain, &s, SMBM_STEP_DETACH);
}

Test(recovery_chain, slow_is_not_dead) {
    be_patient(SMBM_SUSPECT, 0);
    be_patient(SMBM_DEAD, SMBM_REPORT_RECONNECTS);
}

/* Late, and a connection to the server is known to be dead. */
Test(recovery_chain, late_and_stalled) {
    static struct chain chain;
    struct smbm_situation s = {UP,
                               LONG,
                               .verdict = SMBM_SUSPECT,
                               .flags = SMBM_REPORT_STALLED,
                               .attempt_ms = 6000,
                               .outage_ms = 6000};

    load_chain(&chain);
    did(&s, SMBM_STEP_RECONNECT, SMBM_OUTCOME_FAILED, 20);
    did(&s, SMBM_STEP_PROBE, SMBM_OUTCOME_FAILED, 5000);
    chain.plugins[2].carry[0] = 1;
    expect(&chain, &s, SMBM_STEP_DETACH);
}

/* The last look was before a long wait, in which the share may have come back. */
Test(recovery_chain, looks_again_after_a_long_wait) {
    static struct chain chain;
    struct smbm_situation s = {UP, LONG, .verdict = SMBM_SUSPECT, .attempt_ms = 6000,
                               .outage_ms = 119000};

    load_chain(&chain);
    did(&s, SMBM_STEP_RECONNECT, SMBM_OUTCOME_FAILED, 20);
    did(&s, SMBM_STEP_PROBE, SMBM_OUTCOME_FAILED, 0);
    expect(&chain, &s, SMBM_STEP_WAIT);
    did(&s, SMBM_STEP_WAIT, SMBM_OUTCOME_OK, 4500);
    expect(&chain, &s, SMBM_STEP_PROBE);
    did(&s, SMBM_STEP_PROBE, SMBM_OUTCOME_FAILED, 5000);
    expect(&chain, &s, SMBM_STEP_DETACH);
}

/* Taken away behind our back. */
Test(recovery_chain, vanished) {
    static struct chain chain;
    struct smbm_situation s = {.server = SMBM_ANSWERS, LONG, .verdict = SMBM_DEAD};

    load_chain(&chain);
    expect(&chain, &s, SMBM_STEP_MOUNT);
}

/* A server that is mute for ever: nothing but waiting, however often it is asked. */
Test(recovery_chain, mute_for_ever) {
    static struct chain chain;
    struct smbm_situation s = {.mounted = 1, .server = SMBM_MUTE, .verdict = SMBM_DEAD};

    load_chain(&chain);
    for (int i = 0; i < 100; i++) {
        s.attempt = (uint32_t)i / 10;
        expect(&chain, &s, SMBM_STEP_AWAIT);
        did(&s, SMBM_STEP_AWAIT, SMBM_OUTCOME_FAILED, 60000);
    }
}

/* Password changed: down at once, mounted once, and then no more. */
Test(recovery_chain, denied) {
    static struct chain chain;
    struct smbm_situation s = {UP, LONG, .verdict = SMBM_DENIED};

    load_chain(&chain);
    expect(&chain, &s, SMBM_STEP_DETACH);
    did(&s, SMBM_STEP_DETACH, SMBM_OUTCOME_OK, 50);
    s.mounted = 0;
    expect(&chain, &s, SMBM_STEP_MOUNT);
    did(&s, SMBM_STEP_MOUNT, SMBM_OUTCOME_FAILED, 100);
    expect(&chain, &s, SMBM_STEP_PASS);
}
