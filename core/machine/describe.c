/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "machine/describe.h"

#include <stdbool.h>
#include <string.h>

#include "machine/machine.h"

struct word {
    const char *name, *meaning;
};

static const struct word states[] = {
#define X(id, name, meaning) {name, meaning},
    MACHINE_STATES(X)
#undef X
};

static const struct word events[] = {
#define X(id, name, result, meaning) {name, meaning},
    MACHINE_EVENTS(X)
#undef X
};

static void list_words(struct str *out, const char *title, const struct word *words, size_t len) {
    str_add(out, "%s\n", title);
    for (size_t i = 0; i < len; i++)
        str_add(out, "  %-18s %s\n", words[i].name, words[i].meaning);
    str_add(out, "\n");
}

void machine_describe_text(struct str *out) {
    list_words(out, "States", states, MACHINE_STATE_COUNT);
    list_words(out, "Events", events, MACHINE_EVENT_COUNT);
    str_add(out, "What happens on an event in a state\n  %-18s", "");
    for (unsigned s = 0; s < MACHINE_STATE_COUNT; s++)
        str_add(out, " %-16s", states[s].name);
    for (unsigned e = 0; e < MACHINE_EVENT_COUNT; e++) {
        str_add(out, "\n  %-18s", events[e].name);
        for (unsigned s = 0; s < MACHINE_STATE_COUNT; s++) {
            const char *cell = machine_cell_name((enum machine_event_id)e, (enum machine_state)s);
            str_add(out, " %-16s", strcmp(cell, "stay") == 0 ? "." : cell);
        }
    }
    str_add(out, "\n");
}

static void edge(struct str *out, unsigned from, unsigned to) {
    bool any = false;
    for (unsigned e = 0; e < MACHINE_EVENT_COUNT; e++) {
        if (!machine_cell_leads((enum machine_event_id)e, (enum machine_state)from,
                                (enum machine_state)to))
            continue;
        if (!any)
            str_add(out, "  %s -> %s [label=\"", states[from].name, states[to].name);
        str_add(out, "%s%s", any ? "\\n" : "", events[e].name);
        any = true;
    }
    if (any)
        str_add(out, "\"];\n");
}

void machine_describe_dot(struct str *out) {
    str_add(out, "digraph smbmounter {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n");
    for (unsigned s = 0; s < MACHINE_STATE_COUNT; s++)
        str_add(out, "  %s [tooltip=\"%s\"];\n", states[s].name, states[s].meaning);
    for (unsigned from = 0; from < MACHINE_STATE_COUNT; from++)
        for (unsigned to = 0; to < MACHINE_STATE_COUNT; to++)
            if (from != to)
                edge(out, from, to);
    str_add(out, "}\n");
}
