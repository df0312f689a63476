/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/story_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* Texts that came from elsewhere may have a full stop already. */
void story_add(struct story *s, uint64_t wall_ms, const char *format, ...) {
    if (s->len == s->max) {
        memmove(s->lines, s->lines + 1, (s->max - 1) * sizeof *s->lines);
        s->len--;
    }
    struct story_record *line = &s->lines[s->len++];
    *line = (struct story_record){.wall_ms = wall_ms, .incident = s->incident};
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line->text, sizeof line->text - 1, format, args);
    va_end(args);
    size_t end = strlen(line->text);
    if (len > 0 && strchr(".!?", line->text[end - 1]) == NULL)
        memcpy(line->text + end, ".", 2);
}

const char *story_clock(const struct story *s, uint64_t wall_ms, char text[CLOCK_TEXT_MAX]) {
    char today[CLOCK_TEXT_MAX];
    clock_format_wall(s->now_ms, today);
    clock_format_wall(wall_ms, text);
    const char *space = strchr(text, ' ');
    if (space != NULL && strncmp(today, text, (size_t)(space - text) + 1) == 0)
        return space + 1;
    return text;
}

const char *story_span(uint64_t from_ms, uint64_t to_ms, char text[CLOCK_TEXT_MAX]) {
    clock_format_span(to_ms > from_ms ? to_ms - from_ms : 0, text);
    return text;
}

void story_tell_repeats(struct story *s) {
    char at[CLOCK_TEXT_MAX];
    if (s->repeats != 0)
        story_add(s, s->repeated_ms, "The same happened %" PRIu64 " more time%s, last at %s",
                  s->repeats, s->repeats == 1 ? "" : "s", story_clock(s, s->repeated_ms, at));
    s->repeats = 0;
    s->last[0] = '\0';
}

bool story_repeats(struct story *s, uint64_t wall_ms, const char *what, const char *text) {
    char key[FIELD_TEXT_MAX];
    snprintf(key, sizeof key, "%s: %s", what, text);
    if (strcmp(key, s->last) == 0) {
        s->repeats++;
        s->repeated_ms = wall_ms;
        return true;
    }
    story_tell_repeats(s);
    str_copy(s->last, sizeof s->last, key);
    return false;
}

bool story_same_plugin(const struct event *a, const struct event *b) {
    size_t name = strcspn(a->text, ":");
    return strncmp(a->text, b->text, name) == 0 && b->text[name] == a->text[name];
}

const char *story_server(const struct story *s) {
    return s->server[0] != '\0' ? s->server : "the server";
}

void story_tell_answer(struct story *s) {
    char at[CLOCK_TEXT_MAX];
    if (s->answered_ms == 0)
        return;
    story_tell_repeats(s);
    story_add(s, s->answered_ms, "At %s %s answered again", story_clock(s, s->answered_ms, at),
              story_server(s));
    s->answered_ms = 0;
    s->awaited = NULL;
}

void story_tell_failure(struct story *s, const struct event *event, const char *what) {
    char at[CLOCK_TEXT_MAX];
    story_tell_answer(s);
    if (!story_repeats(s, event->wall_ms, what, event->text))
        story_add(s, event->wall_ms, "At %s %s: %s", story_clock(s, event->wall_ms, at), what,
                  event->text);
}

void story_tell_line(struct story *s, const struct event *event, const char *what) {
    char at[CLOCK_TEXT_MAX];
    story_tell_repeats(s);
    story_add(s, event->wall_ms, "At %s %s", story_clock(s, event->wall_ms, at), what);
}

void story_end_outage(struct story *s) {
    s->incident = s->began_ms = s->answered_ms = 0;
    s->awaited = NULL;
}
