/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/yaml_scan.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

struct scan {
    const char *bytes;
    size_t len, at;
    unsigned line, column;
    unsigned depth;
    char open[YAML_DEPTH_MAX]; /* the brackets */
    unsigned values;           /* there are at least so many */
    bool token;   /* a token may begin here: at the start of a line, behind an indicator */
    bool blank;   /* the last character was a blank or a line break */
    bool comment; /* until the end of the line */
    char quote;   /* the open quote, or 0 */
    size_t since; /* where it stands */
};

static int refuse(const struct scan *s, struct yaml_problems *problems, const char *text) {
    yaml_problem(problems, s->line, s->column, "%s", text);
    return -EINVAL;
}

/* Length of the character at s->at, 0 when it is a control byte or not UTF-8. */
static size_t character_len(const struct scan *s) {
    char c = s->bytes[s->at];
    if ((c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t')
        return 1;
    for (size_t len = 1; len <= 4 && len <= s->len - s->at; len++)
        if (str_is_clean(s->bytes + s->at, len))
            return len;
    return 0;
}

static const char *why_bad(char c) {
    if (c == '\0')
        return "a NUL byte: this is not a text file";
    if ((unsigned char)c < 0x20 || c == 0x7f)
        return "a control character is not allowed";
    return "bytes that are not UTF-8: save the file as UTF-8";
}

static void scan_quoted(struct scan *s, char c) {
    char next = s->at + 1 < s->len ? s->bytes[s->at + 1] : '\0';
    bool escaped =
        s->quote == '"' ? c == '\\' && (next == '"' || next == '\\') : c == '\'' && next == '\'';
    if (escaped) {
        s->at++;
        s->column++;
        return;
    }
    if (c == s->quote) {
        s->quote = '\0';
        s->token = s->blank = false;
    }
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool ends_word(const struct scan *s) {
    return s->at + 1 == s->len || strchr(" \t\r\n", s->bytes[s->at + 1]) != NULL;
}

/* May a token begin behind c? A plain text goes on over blanks, so they change nothing. */
static bool token_behind(const struct scan *s, char c, bool flow) {
    if (is_blank(c))
        return s->token;
    if (c == ':')
        return flow || ends_word(s);
    if (c == '-' || c == '?')
        return s->token && ends_word(s);
    return c == ',' ? flow : (c == '[' || c == '{') && (flow || s->token);
}

/* One value behind each ":" and "-", and behind each "," of a list. To refuse the file here takes a
 * tenth of the time that libyaml needs for so many. */
static bool has_value(const struct scan *s, char c) {
    if (c == ',')
        return s->depth > 0 && s->open[s->depth - 1] == '[';
    return (c == ':' || (c == '-' && s->token)) && ends_word(s);
}

static int scan_plain(struct scan *s, char c, struct yaml_problems *problems) {
    bool flow = s->depth > 0;
    if (c == '#' && s->blank) {
        s->comment = true;
    } else if ((c == '"' || c == '\'') && s->token) {
        s->quote = c;
        s->since = s->at;
    } else if ((c == '[' || c == '{') && (s->token || flow)) {
        if (++s->depth > YAML_DEPTH_MAX)
            return refuse(s, problems, "too many brackets inside each other");
        s->open[s->depth - 1] = c;
    } else if ((c == ']' || c == '}') && flow) {
        s->depth--;
    } else if (c == '%' && s->column == 1) {
        return refuse(s, problems, "directives (%) are not allowed");
    }
    s->values += has_value(s, c);
    if (s->values > YAML_NODES_MAX)
        return refuse(s, problems, "the file has too many values");
    s->token = token_behind(s, c, flow);
    s->blank = is_blank(c);
    return 0;
}

static void next_line(struct scan *s, char c) {
    bool pair = c == '\n' && s->at > 0 && s->bytes[s->at - 1] == '\r';
    s->line += pair ? 0 : 1;
    s->column = 0;
    s->comment = false;
    s->token = true;
    s->blank = true;
}

static int scan_character(struct scan *s, struct yaml_problems *problems) {
    size_t len = character_len(s);
    char c = s->bytes[s->at];
    if (len == 0)
        return refuse(s, problems, why_bad(c));
    int rc = 0;
    /* libyaml takes its time to join the lines of a long one. No escape is longer than ten. */
    if (s->quote != '\0' && s->at - s->since > 10u * YAML_SCALAR_MAX)
        return refuse(s, problems, "a text is longer than 4096 bytes, or a quote is left open");
    if (c == '\n' || c == '\r')
        next_line(s, c);
    else if (s->quote != '\0')
        scan_quoted(s, c);
    else if (!s->comment)
        rc = scan_plain(s, c, problems);
    s->at += len;
    s->column++;
    return rc;
}

int yaml_scan(const char *bytes, size_t len, struct yaml_problems *problems) {
    if (len > YAML_BYTES_MAX) {
        yaml_problem(problems, 0, 0, "the file is larger than %u KiB", YAML_BYTES_MAX / 1024);
        return -E2BIG;
    }
    struct scan s = {
        .bytes = bytes, .len = len, .line = 1, .column = 1, .token = true, .blank = true};
    while (s.at < s.len) {
        int rc = scan_character(&s, problems);
        if (rc != 0)
            return rc;
    }
    return 0;
}
