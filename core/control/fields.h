/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Every field of every reply, once. A record's rows become its structs, its packer, its unpacker,
 * the columns of the CLI's table and the keys of --json, so they cannot drift apart. Of the structs
 * NAME_record holds its texts, for who makes them; NAME_view points to them, for many rows.
 *
 * F(member, key, type, title)   type: TEXT (char[]), NUMBER (uint64_t), TRUTH (bool);
 *                               title: the column's heading, "" when it is no column
 * Times are milliseconds since 1970 (wall_ms), spans milliseconds (_ms).
 */
#ifndef CONTROL_FIELDS_H
#define CONTROL_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#define FIELD_TEXT_MAX 512

/* One mount in status. */
#define STATUS_FIELDS(F)                                                                           \
    F(name, "name", TEXT, "NAME")                                                                  \
    F(state, "state", TEXT, "STATE")                                                               \
    F(health, "health", TEXT, "HEALTH")                                                            \
    F(mountpoint, "mountpoint", TEXT, "MOUNTPOINT")                                                \
    F(source, "source", TEXT, "FROM")                                                              \
    F(recoveries, "recoveries", NUMBER, "RECOV")                                                   \
    F(since_ms, "since_ms", NUMBER, "SINCE")                                                       \
    F(reason, "reason", TEXT, "")                                                                  \
    F(wanted, "wanted", TEXT, "")                                                                  \
    F(fstype, "fstype", TEXT, "")                                                                  \
    F(address, "address", TEXT, "")                                                                \
    F(session, "session", TEXT, "")                                                                \
    F(server, "server", TEXT, "")                                                                  \
    F(last_probe_ms, "last_probe_ms", NUMBER, "")                                                  \
    F(next_try_ms, "next_try_ms", NUMBER, "")                                                      \
    F(strikes, "strikes", NUMBER, "")                                                              \
    F(stuck, "stuck", NUMBER, "")                                                                  \
    F(stale, "stale", TRUTH, "")

/* One probe's answer in probe. */
#define PROBE_FIELDS(F)                                                                            \
    F(probe, "probe", TEXT, "PROBE")                                                               \
    F(verdict, "verdict", TEXT, "VERDICT")                                                         \
    F(took_us, "took_us", NUMBER, "TOOK")                                                          \
    F(evidence, "evidence", TEXT, "EVIDENCE")                                                      \
    F(os_error, "os_error", TEXT, "")

/* One plugin file. */
#define PLUGIN_FIELDS(F)                                                                           \
    F(name, "name", TEXT, "NAME")                                                                  \
    F(kind, "kind", TEXT, "KIND")                                                                  \
    F(version, "version", TEXT, "VERSION")                                                         \
    F(state, "state", TEXT, "STATE")                                                               \
    F(summary, "summary", TEXT, "SUMMARY")                                                         \
    F(file, "file", TEXT, "")                                                                      \
    F(abi, "abi", TEXT, "")                                                                        \
    F(used_by, "used_by", NUMBER, "")                                                              \
    F(late, "late", NUMBER, "")                                                                    \
    F(crashed, "crashed", NUMBER, "")                                                              \
    F(refused, "rubbish", NUMBER, "")                                                              \
    F(last_fault_ms, "last_fault_ms", NUMBER, "")                                                  \
    F(error, "error", TEXT, "")

/* One option of a plugin (plugins NAME). */
#define OPTION_FIELDS(F)                                                                           \
    F(option, "option", TEXT, "OPTION")                                                            \
    F(type, "type", TEXT, "TYPE")                                                                  \
    F(allowed, "allowed", TEXT, "ALLOWED")                                                         \
    F(preset, "default", TEXT, "DEFAULT")                                                          \
    F(help, "help", TEXT, "MEANING")

/* One event. */
#define EVENT_FIELDS(F)                                                                            \
    F(wall_ms, "wall_ms", NUMBER, "TIME")                                                          \
    F(mount, "mount", TEXT, "MOUNT")                                                               \
    F(kind, "kind", TEXT, "EVENT")                                                                 \
    F(text, "text", TEXT, "WHAT")                                                                  \
    F(number, "number", NUMBER, "")

/* One line of a story (why). */
#define STORY_FIELDS(F)                                                                            \
    F(wall_ms, "wall_ms", NUMBER, "")                                                              \
    F(incident, "incident", NUMBER, "")                                                            \
    F(text, "text", TEXT, "")

#define VERSION_FIELDS(F)                                                                          \
    F(program, "program", TEXT, "")                                                                \
    F(version, "version", TEXT, "")                                                                \
    F(abi, "plugin_abi", TEXT, "")                                                                 \
    F(pid, "pid", NUMBER, "")                                                                      \
    F(started_ms, "started_ms", NUMBER, "")                                                        \
    F(hosts, "plugin_hosts", NUMBER, "")                                                           \
    F(stuck, "stuck_hosts", NUMBER, "")

/* What mount, unmount and reload answer. */
#define RESULT_FIELDS(F)                                                                           \
    F(text, "text", TEXT, "")                                                                      \
    F(took_ms, "took_ms", NUMBER, "")

/* id, name on the wire and of the structs, field list */
#define RECORDS(R)                                                                                 \
    R(STATUS, status, STATUS_FIELDS)                                                               \
    R(PROBE, probe, PROBE_FIELDS)                                                                  \
    R(PLUGIN, plugin, PLUGIN_FIELDS)                                                               \
    R(OPTION, option, OPTION_FIELDS)                                                               \
    R(EVENT, event, EVENT_FIELDS)                                                                  \
    R(STORY, story, STORY_FIELDS)                                                                  \
    R(VERSION, version, VERSION_FIELDS)                                                            \
    R(RESULT, result, RESULT_FIELDS)

enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_TRUTH };

#define FIELD_MEMBER_TEXT(member) char member[FIELD_TEXT_MAX];
#define FIELD_MEMBER_NUMBER(member) uint64_t member;
#define FIELD_MEMBER_TRUTH(member) bool member;
#define FIELD_MEMBER(member, key, type, title) FIELD_MEMBER_##type(member)
#define FIELD_POINTER_TEXT(member) const char *member; /* never NULL */
#define FIELD_POINTER_NUMBER(member) uint64_t member;
#define FIELD_POINTER_TRUTH(member) bool member;
#define FIELD_POINTER(member, key, type, title) FIELD_POINTER_##type(member)
#define R(id, name, fields)                                                                        \
    struct name##_record {                                                                         \
        fields(FIELD_MEMBER)                                                                       \
    };                                                                                             \
    struct name##_view {                                                                           \
        fields(FIELD_POINTER)                                                                      \
    };
RECORDS(R)
#undef R

enum record {
#define R(id, name, fields) RECORD_##id,
    RECORDS(R)
#undef R
        RECORD_COUNT
};

struct field_row {
    const char *key, *title;
    unsigned key_len;
    enum field_type type;
    unsigned offset, view_offset; /* in the two structs */
};
struct record_row {
    const char *name;
    const struct field_row *fields;
    unsigned fields_len;
    unsigned size, view_size;
};
extern const struct record_row record_table[RECORD_COUNT];

#endif
