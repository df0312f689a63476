/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/story.h"

#include <stdio.h>
#include <string.h>

#include <smbmounter/plugin.h>

#include "control/story_line.h"
#include "control/story_step.h"

/* An outage is counted from the first doubtful look; where that was so much before it was sure, the
 * times would not add up for the reader. */
#define SIGNS_MS 1500u

/* Another network, or a sleep, so soon before an outage is likely its cause. */
#define CAUSE_MS 60000u

static void tell_incident(struct story *s, const struct event *event) {
    char at[CLOCK_TEXT_MAX];
    story_tell_repeats(s);
    s->incident = event->number;
    if (s->network != NULL && event->wall_ms - s->network->wall_ms <= CAUSE_MS)
        story_tell_line(s, s->network, s->network->text);
    s->network = NULL;
    s->began_ms = event->wall_ms;
    s->answered_ms = 0;
    s->taken_away = s->denied = false;
    s->awaited = NULL;
    s->step = s->late = NULL;
    s->waits_len = 0;
    story_add(s, event->wall_ms, "At %s %s was no longer usable: %s",
              story_clock(s, event->wall_ms, at), s->mount, event->text);
}

/* Only one whose silence was told can answer again. */
static void hear_server(struct story *s, const struct event *event) {
    s->silence = story_server_silence(event->text);
    if (s->silence != NULL)
        story_tell_answer(s);
    s->answered_ms =
        s->awaited != NULL && story_starts_with(event->text, "answers") ? event->wall_ms : 0;
}

/* Waiting is asked for again and again; it is told when its reason is new. */
static void tell_await(struct story *s, const struct event *event) {
    const char *why = s->silence != NULL ? s->silence : story_reason(event->text);
    if (s->silence == NULL && story_starts_with(why, "asking")) /* it is about to be known */
        return;
    const char *before = s->awaited;
    char at[CLOCK_TEXT_MAX];
    if (before != NULL && strcmp(before, why) == 0)
        return;
    story_tell_answer(s);
    s->awaited = why;
    story_tell_repeats(s);
    if (before != NULL)
        story_add(s, event->wall_ms, "At %s it still did not answer (%s)",
                  story_clock(s, event->wall_ms, at), why);
    else
        story_add(s, event->wall_ms, "At %s the server did not answer (%s), so %s",
                  story_clock(s, event->wall_ms, at), why,
                  s->taken_away ? "there was nothing to do but wait"
                                : "the mount and its open files were left alone");
}

static void begin_step(struct story *s, const struct event *event) {
    if (event->number == SMBM_STEP_AWAIT)
        tell_await(s, event);
    else if (event->number == SMBM_STEP_WAIT)
        story_hear_wait(s, event);
    s->step = event;
    if (event->number != SMBM_STEP_GIVE_UP)
        return;
    story_tell_answer(s);
    const char *why = story_reason(event->text);
    if (!story_repeats(s, event->wall_ms, "give up", why))
        story_add(s, event->wall_ms, "Nothing helped (%s), so smbmounter gave up for now", why);
    s->step = NULL;
}

/* What to do about a failure is told at the end. It is none when nothing was there to do. */
static void tell_failed_step(struct story *s, const struct event *event,
                             const struct step_words *words, const char *why) {
    bool needless = story_starts_with(event->text, "needless");
    char at[CLOCK_TEXT_MAX], took[CLOCK_TEXT_MAX];
    const char *text = needless || story_starts_with(event->text, "failed")
                           ? story_after_colon(event->text)
                           : event->text;
    const char *hint = story_hint(text);
    int len = hint != NULL ? (int)(hint - text) - 2 : (int)strlen(text);
    clock_format_span(event->number, took);
    if (needless)
        story_add(s, event->wall_ms, "At %s smbmounter meant to %s, but %.*s",
                  story_clock(s, event->wall_ms, at), words->try, len, text);
    else if (story_is_not_tried(text))
        story_add(s, event->wall_ms, "At %s smbmounter did not %s: %.*s",
                  story_clock(s, event->wall_ms, at), words->try, len, text);
    else
        story_add(s, event->wall_ms, "At %s smbmounter tried to %s%s; that failed after %s: %.*s",
                  story_clock(s, event->wall_ms, at), words->try, why, took, len, text);
}

static void end_step(struct story *s, const struct event *event) {
    char at[CLOCK_TEXT_MAX], took[CLOCK_TEXT_MAX];
    const struct event *step = s->step;
    s->step = NULL;
    if (step == NULL)
        return;
    const struct step_words *words = story_step_words(step->number);
    char why[FIELD_TEXT_MAX] = "";
    if (words->did == NULL)
        return;
    if (words->tells_why)
        snprintf(why, sizeof why, " (%s)", story_reason(step->text));
    story_tell_answer(s);
    clock_format_span(event->number, took);
    if (story_starts_with(event->text, "ok")) {
        story_tell_repeats(s);
        s->taken_away = s->taken_away || words->takes_away;
        story_add(s, event->wall_ms, "At %s smbmounter %s%s; it took %s",
                  story_clock(s, event->wall_ms, at), words->did, why, took);
        if (words->takes_away && step->number != SMBM_STEP_UNMOUNT)
            story_look_for_holders(s, event, step->number);
    } else if (!story_repeats(s, event->wall_ms, words->try, event->text)) {
        tell_failed_step(s, event, words, why);
    }
}

/* What was done to the mount, in the end. */
static const char *ending(const struct story *s, const struct event *event) {
    if (s->taken_away)
        return "the share was unmounted and mounted again";
    return story_starts_with(event->text, "mounted again")   ? "it was mounted again"
           : story_starts_with(event->text, "found mounted") ? "it was found mounted"
                                                             : "nothing was unmounted";
}

static void tell_recovered(struct story *s, const struct event *event) {
    char at[CLOCK_TEXT_MAX], later[CLOCK_TEXT_MAX], outage[CLOCK_TEXT_MAX];
    char since[64] = "";
    story_tell_repeats(s);
    clock_format_span(event->number, outage);
    if (event->number == 0 && s->began_ms != 0)
        story_span(s->began_ms, event->wall_ms, outage);
    if (event->number > event->wall_ms - s->began_ms + SIGNS_MS)
        snprintf(since, sizeof since, " since its first sign at %s",
                 story_clock(s, event->wall_ms - event->number, at));
    if (s->answered_ms != 0)
        story_add(
            s, event->wall_ms,
            "At %s %s answered again; the share was usable %s later. The outage took %s%s; %s",
            story_clock(s, s->answered_ms, at), story_server(s),
            story_span(s->answered_ms, event->wall_ms, later), outage, since, ending(s, event));
    else
        story_add(s, event->wall_ms, "At %s the share was usable again. The outage took %s%s; %s",
                  story_clock(s, event->wall_ms, at), outage, since, ending(s, event));
    story_end_outage(s);
    s->silence = NULL;
    s->mount_error = NULL;
    s->foreign = false;
}

/* Worth telling only while something is wrong. */
static void tell_around(struct story *s, const struct event *event, const char *what) {
    if (s->began_ms != 0)
        story_tell_failure(s, event, what);
}

/* It says what happened: the network changed, the machine woke. The sleep is told of both. */
static void hear_network(struct story *s, const struct event *event) {
    if (s->began_ms != 0) {
        char at[CLOCK_TEXT_MAX];
        story_tell_answer(s);
        if (!story_repeats(s, event->wall_ms, "network", event->text))
            story_add(s, event->wall_ms, "At %s %s", story_clock(s, event->wall_ms, at),
                      event->text);
    } else if (event->number > 0 || s->network == NULL || s->network->number == 0 ||
               event->wall_ms - s->network->wall_ms > CAUSE_MS) {
        s->network = event;
    }
}

/* It says: name, what happened, and that the next one is asked. */
static void tell_plugin(struct story *s, const struct event *event) {
    char at[CLOCK_TEXT_MAX];
    const char *words = story_after_colon(event->text), *end = strstr(words, "; the next");
    story_tell_answer(s);
    if (!story_repeats(s, event->wall_ms, "plugin", event->text))
        story_add(
            s, event->wall_ms,
            "At %s the recovery plugin '%.*s' failed (%.*s) and was passed over; more about it: "
            "smbmounter plugins",
            story_clock(s, event->wall_ms, at), (int)strcspn(event->text, ":"), event->text,
            (int)(end != NULL ? (size_t)(end - words) : strlen(words)), words);
}

static void hear(struct story *s, const struct event *event) {
    switch (event->kind) {
    case EVENT_STATE:
        story_hear_state(s, event);
        break;
    case EVENT_SERVER:
        hear_server(s, event);
        break;
    case EVENT_INCIDENT:
        tell_incident(s, event);
        break;
    case EVENT_RECOVERED:
        tell_recovered(s, event);
        break;
    case EVENT_STEP:
        begin_step(s, event);
        break;
    case EVENT_STEP_DONE:
        end_step(s, event);
        break;
    case EVENT_MOUNT_ERROR:
        story_hear_mount_error(s, event);
        break;
    case EVENT_UNMOUNT_ERROR:
        story_tell_failure(s, event, "the unmount failed");
        break;
    case EVENT_HOLDERS:
        story_hear_holders(s, event);
        break;
    case EVENT_STUCK:
        story_tell_failure(s, event, "a process of smbmounter could not be ended");
        break;
    case EVENT_PLUGIN:
        tell_plugin(s, event);
        break;
    case EVENT_TABLE:
        story_hear_table(s, event);
        break;
    case EVENT_ADDRESS:
        tell_around(s, event, "the server's address changed");
        break;
    case EVENT_COMMAND:
        s->command = event;
        tell_around(s, event, "a command was given");
        break;
    case EVENT_NETWORK:
        hear_network(s, event);
        break;
    case EVENT_LOGIN:
        story_hear_login(s, event);
        break;
    case EVENT_VERDICT:
        story_hear_verdict(s, event);
        break;
    case EVENT_KIND_COUNT:
        break;
    }
}

size_t story_tell(const char *mount, const char *server, const struct event *events, size_t len,
                  uint64_t now_wall_ms, struct story_record *lines, size_t max) {
    struct story s = {
        .mount = mount, .server = server, .now_ms = now_wall_ms, .lines = lines, .max = max};
    if (max == 0)
        return 0;
    s.end = len > 0 ? events + len : events;
    for (const struct event *event = events; event < s.end; event++)
        hear(&s, event);
    if (s.began_ms != 0) /* and goes on */
        story_tell_answer(&s);
    story_tell_repeats(&s);
    story_tell_now(&s);
    return s.len;
}
