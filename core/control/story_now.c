/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <string.h>

#include "base/str.h"
#include "control/story_line.h"
#include "control/story_step.h"

static void tell_outage(struct story *s) {
    char at[CLOCK_TEXT_MAX], since[CLOCK_TEXT_MAX];
    const struct step_words *words = s->step != NULL ? story_step_words(s->step->number) : NULL;
    if (words != NULL && words->try != NULL)
        story_add(s, s->step->wall_ms, "Since %s smbmounter has been trying to %s (%s)",
                  story_clock(s, s->step->wall_ms, at), words->try, story_reason(s->step->text));
    story_tell_waiting(s);
    if (s->began_ms != 0)
        story_add(s, s->now_ms, "The outage goes on, for %s so far",
                  story_span(s->began_ms, s->now_ms, since));
}

/* "auth", and what it says after that. */
struct failure {
    char class[32];
    char words[EVENT_TEXT_MAX];
    char hint[EVENT_TEXT_MAX]; /* a sentence: what to do; "" none */
};

static void take_apart(const struct story *s, const char *reason, struct failure *f) {
    const char *text = s->mount_error != NULL ? s->mount_error->text : reason;
    const char *colon = strstr(text, ": ");
    *f = (struct failure){.class = ""};
    if (s->mount_error != NULL && colon != NULL && (size_t)(colon - text) < sizeof f->class) {
        memcpy(f->class, text, (size_t)(colon - text));
        text = colon + 2;
    }
    str_copy(f->words, sizeof f->words, text);
    const char *hint = story_hint(f->words);
    bool cut = s->mount_error != NULL && strlen(s->mount_error->text) == EVENT_TEXT_MAX - 1;
    if (hint != NULL) { /* half a command is none */
        str_copy(f->hint, sizeof f->hint, cut ? "" : hint);
        f->words[hint - f->words - 2] = '\0';
    }
    size_t len = strlen(f->words);
    if (len > 0 && f->words[len - 1] == '.')
        f->words[len - 1] = '\0';
}

static void tell_failed(struct story *s, const char *reason) {
    struct failure f;
    take_apart(s, reason, &f);
    bool stays = strcmp(f.class, "auth") == 0 || strcmp(f.class, "config") == 0;
    if (story_starts_with(f.words, "something else is mounted"))
        story_add(s, s->now_ms,
                  "Now: %s. What to do: find out whose it is and save what is needed from it, then "
                  "unmount that one; %s comes back by itself",
                  f.words, s->mount);
    else if (stays && f.hint[0] != '\0')
        story_add(s, s->now_ms, "Now: failed (%s): %s. What to do: %c%s", f.class, f.words,
                  f.hint[0] - 'A' + 'a', f.hint + 1);
    else if (strcmp(f.class, "auth") == 0)
        story_add(
            s, s->now_ms,
            "Now: failed (auth): %s. What to do: smbmounter setup %s, then smbmounter mount %s",
            f.words, s->mount, s->mount);
    else if (stays)
        story_add(s, s->now_ms,
                  "Now: failed (config): %s. What to do: correct the configuration of %s, then "
                  "smbmounter reload",
                  f.words, s->mount);
    else if (f.class[0] != '\0')
        story_add(s, s->now_ms, "Now: failed (%s): %s. %s; at once with: smbmounter mount %s",
                  f.class, f.words, f.hint[0] != '\0' ? f.hint : "It is tried again by itself",
                  s->mount);
    else
        story_add(s, s->now_ms, "Now: failed%s%s. What to do: smbmounter mount %s",
                  f.words[0] != '\0' ? ": " : "", f.words, s->mount);
}

/* Force is of no use against a server that is away. */
static void tell_recovering(struct story *s, const char *reason) {
    if (s->awaited != NULL)
        story_add(s, s->now_ms, "Now: %s. It comes back by itself as soon as %s answers", reason,
                  story_server(s));
    else
        story_add(
            s, s->now_ms,
            "Now: being brought back: %s. If that takes too long: %ssmbmounter unmount -f %s, "
            "then: smbmounter mount %s",
            reason,
            story_starts_with(reason, "probe plugin")
                ? "see what is known about the plugin (smbmounter plugins); if the share "
                  "hangs as well: "
                : "",
            s->mount, s->mount);
}

static void tell_state(struct story *s) {
    static const struct {
        const char *state, *words;
    } states[] = {
        {"mounting", "being mounted"},
        {"unmounting", "being unmounted"},
    };
    const char *text = s->state->text, *colon = strstr(text, ": ");
    const char *reason = colon != NULL ? colon + 2 : "", *mark = reason[0] != '\0' ? ": " : "";
    if (story_starts_with(text, "failed")) {
        tell_failed(s, reason);
        return;
    }
    if (story_starts_with(text, "mounted")) {
        story_add(s, s->now_ms, "Now: mounted %s",
                  s->began_ms != 0 ? "but not answering" : "and healthy");
        return;
    }
    if (story_starts_with(text, "unmounted")) {
        bool said = story_starts_with(reason, "unmounted");
        story_add(s, s->now_ms, "Now: %s%s%s. To bring it back: smbmounter mount %s",
                  said ? "" : "unmounted", said ? "" : mark, reason, s->mount);
        return;
    }
    if (story_starts_with(text, "recovering")) {
        tell_recovering(s, reason);
        return;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (story_starts_with(text, states[i].state)) {
            story_add(s, s->now_ms, "Now: %s%s%s", states[i].words, mark, reason);
            return;
        }
    }
    story_add(s, s->now_ms, "Now: %s", text);
}

void story_tell_now(struct story *s) {
    bool failed = s->state != NULL && story_starts_with(s->state->text, "failed");
    tell_outage(s);
    s->incident = 0;
    if (s->len == 0 && !failed && s->late == NULL)
        story_add(s, s->now_ms, "Nothing has gone wrong since the daemon started");
    if (s->state != NULL)
        tell_state(s);
}
