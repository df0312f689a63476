/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/debugdata.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The place in the text: what the lines above the current one said. */
struct place {
    struct debugdata_holder now;    /* connection and session */
    struct debugdata_holder *share; /* that the lines belong to, or NULL */
    struct debugdata_holder *holders;
    size_t count, max;
};

static bool same_name(const char *name, size_t len, const char *wanted) {
    return wanted && *wanted && strlen(wanted) == len && !strncasecmp(name, wanted, len);
}

static bool is_host(const struct debugdata_share *share, const char *name, size_t len) {
    for (size_t i = 0; i < sizeof share->hosts / sizeof share->hosts[0]; i++) {
        if (same_name(name, len, share->hosts[i])) {
            return true;
        }
    }
    return false;
}

/* FNV-1a without case, up to the end of the share's name. */
static uint32_t key_of(const char *share, const char *end) {
    uint32_t key = 2166136261u;

    for (; share < end; share++) {
        key = (key ^ (uint32_t)tolower((unsigned char)*share)) * 16777619u;
    }
    return key;
}

/* name is "\\host\share Mounts: 1 ..."; a share that is named so itself has no key. */
static uint32_t key_of_name(const char *name) {
    const char *share = strchr(name + 2, '\\');
    const char *end = share ? strstr(share, " Mounts:") : NULL;

    return end ? key_of(share + 1, end) : 0;
}

static bool is_of(const struct debugdata_holder *holder, const struct debugdata_share *wanted,
                  size_t share_len) {
    const char *host = holder->name + 2, *share = strchr(host, '\\');

    return share && is_host(wanted, host, (size_t)(share - host)) &&
           !strncasecmp(share + 1, wanted->share, share_len) &&
           !strncmp(share + 1 + share_len, " Mounts:", 8);
}

size_t debugdata_select(const struct debugdata_holder *all, size_t len,
                        const struct debugdata_share *share, struct debugdata_holder *out,
                        size_t max) {
    const size_t share_len = strcspn(share->share, "/\\");
    const uint32_t key = key_of(share->share, share->share + share_len);
    size_t n = 0;

    for (size_t i = 0; share_len > 0 && i < len && n < max; i++) {
        if (all[i].key == key && is_of(&all[i], share, share_len)) {
            out[n++] = all[i];
        }
    }
    return n;
}

/* "12) rest" -> rest, or NULL. */
static const char *numbered(const char *line) {
    const char *at = line;

    while (isdigit((unsigned char)*at)) {
        at++;
    }
    return at > line && at[0] == ')' && at[1] == ' ' ? at + 2 : NULL;
}

/* The number behind key in line; false when there is none. */
static bool number_after(const char *line, const char *key, int *value) {
    const char *at = strstr(line, key);

    if (!at) {
        return false;
    }
    at += strlen(key);
    if (!isdigit((unsigned char)at[0]) || isdigit((unsigned char)at[1])) {
        return false; /* states have one digit; whatever else it is, it is none */
    }
    *value = at[0] - '0';
    return true;
}

static void begin_connection(struct place *place) {
    memset(&place->now, 0, sizeof place->now);
    place->now.tcp_status = place->now.session_status = -1;
    place->share = NULL;
}

static void begin_session(struct place *place, const char *address) {
    size_t len = strcspn(address, " \t");
    struct numeric numeric;
    char *text = place->now.address;

    place->share = NULL;
    place->now.session_status = -1;
    place->now.password_invalid = false;
    text[0] = '\0';
    if (len < sizeof place->now.address) {
        memcpy(text, address, len);
        text[len] = '\0';
        if (!numeric_parse(text, &numeric)) {
            text[0] = '\0';
        }
    }
}

static void begin_share(struct place *place, const char *name) {
    place->share = NULL;
    if (!strncmp(name, "\\\\", 2) && place->count < place->max) {
        place->share = &place->holders[place->count++];
        *place->share = place->now;
        place->share->name = name;
        place->share->key = key_of_name(name);
    }
}

/* What a session's lines say, the first one among them. */
static void read_session(struct place *place, const char *line) {
    if (!number_after(line, "Session Status: ", &place->now.session_status)) {
        number_after(line, "session status: ", &place->now.session_status);
    }
    place->now.password_invalid |= strstr(line, "password no longer valid") != NULL;
}

/* A line one tab deep: of a session or a share. */
static void read_inner(struct place *place, const char *line) {
    const char *rest = numbered(line);

    if (!rest && place->share) {
        place->share->need_reconnect |=
            strstr(line, "DISCONNECTED") != NULL || strcasestr(line, "need reconnect") != NULL;
    } else if (!rest) {
        read_session(place, line);
    } else if (!strncmp(rest, "Address: ", 9)) {
        begin_session(place, rest + 9);
        read_session(place, line);
    } else if (!strncmp(rest, "Name: ", 6)) { /* SMB 1, and kernels before 5.0 */
        begin_session(place, rest + 6);
        read_session(place, line);
    } else {
        begin_share(place, rest);
    }
}

static void read_line(struct place *place, const char *line) {
    if (line[0] == '\t' && line[1] != '\t') {
        read_inner(place, line + 1);
    } else if (line[0] != '\t') {
        if (numbered(line)) {
            begin_connection(place);
        }
        number_after(line, "TCP status: ", &place->now.tcp_status);
    }
}

size_t debugdata_parse(char *text, size_t len, struct debugdata_holder *holders, size_t max) {
    struct place place = {.holders = holders, .count = 0, .max = max};
    char *end = text + len;

    begin_connection(&place);
    for (char *at = text; at < end;) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) {
            break; /* a line that was cut says nothing for certain */
        }
        *newline = '\0';
        read_line(&place, at);
        at = newline + 1;
    }
    return place.count;
}
