/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/fields.h"

#include <stddef.h>

#define ROW(name, member, key, type, title)                                                        \
    {key,                                                                                          \
     title,                                                                                        \
     sizeof(key) - 1,                                                                              \
     FIELD_##type,                                                                                 \
     (unsigned)offsetof(struct name##_record, member),                                             \
     (unsigned)offsetof(struct name##_view, member)},

/* A field list knows its record's name only through these. */
#define ROW_STATUS(member, key, type, title) ROW(status, member, key, type, title)
#define ROW_PROBE(member, key, type, title) ROW(probe, member, key, type, title)
#define ROW_PLUGIN(member, key, type, title) ROW(plugin, member, key, type, title)
#define ROW_OPTION(member, key, type, title) ROW(option, member, key, type, title)
#define ROW_EVENT(member, key, type, title) ROW(event, member, key, type, title)
#define ROW_STORY(member, key, type, title) ROW(story, member, key, type, title)
#define ROW_VERSION(member, key, type, title) ROW(version, member, key, type, title)
#define ROW_RESULT(member, key, type, title) ROW(result, member, key, type, title)

#define R(id, name, fields) static const struct field_row name##_fields[] = {fields(ROW_##id)};
RECORDS(R)
#undef R

const struct record_row record_table[RECORD_COUNT] = {
#define R(id, name, fields)                                                                        \
    [RECORD_##id] = {#name, name##_fields, sizeof name##_fields / sizeof name##_fields[0],         \
                     (unsigned)sizeof(struct name##_record),                                       \
                     (unsigned)sizeof(struct name##_view)},
    RECORDS(R)
#undef R
};
