/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Rounds of probes: they ask the share itself, one at a time, and may hang. */
#ifndef DAEMON_ROUNDS_H
#define DAEMON_ROUNDS_H

#include "daemon/askers.h"
#include "daemon/look.h"

struct supervisor;

/* A round of probes under way, or the last one: it asks the share itself and may hang. */
struct round {
    uint64_t job;      /* 0: none under way */
    bool asks;         /* its job is over, and its judgement waits for the server's answer */
    uint64_t hung_job; /* a job whose killed process is not gone yet: no new round; 0: none */
    bool hung_told;
    bool missed;      /* a round was due while it hung */
    uint64_t hung_ms; /* when it last counted as a late answer */
    bool outdated;    /* the job under way is about another definition: its answers are ignored */
    bool slept;       /* the machine slept while it was under way: its times say nothing */
    bool again;       /* begin another as soon as it is over */
    bool answers_op;  /* its result is the recovery's answer */
    uint32_t op_id;
    uint32_t then_op; /* the recovery's probe begins when this round is over; 0: none waits */
    struct look look;
    bool for_command;     /* it shows what is; it starts no recovery */
    struct askers askers; /* command probe: the round under way is for them */
    struct askers next;   /* the next one is */
};

/* One is due: begin it; when one hangs, that is an answer as well. */
void rounds_start(struct supervisor *s);
/* Something happened: begin one now, or as soon as the one under way is over. */
void rounds_soon(struct supervisor *s);
/* See verdicts_server_asked. */
void rounds_server_asked(struct supervisor *s);
/* The machine slept: what is under way is asked anew. */
void rounds_woke(struct supervisor *s, uint64_t now_ms);
/* Its result ends the recovery's operation op_id. */
void rounds_for_recovery(struct supervisor *s, uint32_t op_id);
/* Answers the call, at once or after the round under way. False when it cannot. */
bool rounds_for_command(struct supervisor *s, struct server_call *call);
/* Its client went away. */
void rounds_forget_call(struct supervisor *s, const struct server_call *call);
/* Another definition: what is under way is ignored. / The mount goes away: all is released. */
void rounds_forget(struct supervisor *s, const char *why);
void rounds_finish(struct supervisor *s);
void rounds_schedule(struct supervisor *s, uint64_t now_ms);

#endif
