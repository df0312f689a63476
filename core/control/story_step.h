/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a recovery step did, as a part of a sentence. Private to the story. */
#ifndef CONTROL_STORY_STEP_H
#define CONTROL_STORY_STEP_H

#include <stdbool.h>
#include <stdint.h>

struct step_words {
    const char *did; /* "smbmounter ..."; NULL: not worth a line */
    const char *try; /* "smbmounter tried to ..." */
    bool takes_away; /* the mount is gone after it */
    bool tells_why;  /* its reason is worth telling */
};

/* number: enum smbm_step, from an event and so perhaps unknown. */
const struct step_words *story_step_words(uint64_t number);

/* The part after "prefix: ", or all of text. */
const char *story_after_colon(const char *text);

/* The reason in a STEP event's text: what follows "plugin: " or "plugin: step: ". */
const char *story_reason(const char *text);

/* Errors say what, and then in a sentence of its own what to do. The beginning of that sentence;
 * NULL: there is none. */
const char *story_hint(const char *text);

/* True when text is the word, alone or followed by ":", ";", "," or a space. */
bool story_starts_with(const char *text, const char *word);

/* The mount was not asked for, since the server refused this login a moment ago. */
bool story_is_not_tried(const char *text);

/* Why the server counts as not answering, from a SERVER event's text ("refused: ..."); NULL: it
 * answers, or nothing is known. */
const char *story_server_silence(const char *text);

#endif
