/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Answers of probes, as rounds and glances take them: logged, recorded when they change, judged. */
#ifndef DAEMON_VERDICTS_H
#define DAEMON_VERDICTS_H

#include "daemon/supervisor.h"

/* The descriptor of a probe of the mount's chain; NULL when it cannot be used. */
const struct descriptor *verdicts_plugin(const struct supervisor *s, size_t probe);

/* Add a probe to a job and note it in look. False when it cannot be used, need not be asked, or is
 * the question that the peer asks. */
bool verdicts_add_call(struct supervisor *s, struct look *look, struct pool_job *job, size_t probe);

/* A look begins: no probe is in it, and nothing has been found yet. */
void verdicts_begin(const struct supervisor *s, struct look *look);

/* The job of a look is over: does its judgement wait for the server? Then it is asked, and
 * verdicts_server_asked follows. */
bool verdicts_ask_server(struct supervisor *s, const struct look *look);

/* The server's answer is there, or will not come: the looks that waited for it go on. */
void verdicts_server_asked(struct supervisor *s);

/* SMBM_REPORT_* that the newest report on the mount bore, as far as it is news. */
uint32_t verdicts_flags(const struct supervisor *s);

/* What is known beside the reports, at the end of a round. */
struct policy_signs verdicts_signs(const struct supervisor *s);

/* One call's answer. */
void verdicts_take(struct supervisor *s, struct look *look, size_t call, enum pool_end end,
                   const struct smbm_report *report);

/* What status shows as the mount's health from now on. */
void verdicts_health(struct supervisor *s, const struct look *look, enum machine_event_id event);

/* An answer to an older mount than the one that is there now says nothing. */
bool verdicts_stale(const struct supervisor *s, const struct look *look);

#endif
