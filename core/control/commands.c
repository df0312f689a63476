/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/commands.h"

#include <string.h>

const struct command_row command_table[COMMAND_COUNT] = {
#define X(id, name, where, access, arguments, summary, text)                                       \
    [COMMAND_##id] = {name, COMMAND_##where, COMMAND_##access, arguments, summary, text},
    COMMANDS(X)
#undef X
};

enum command command_find(const char *name, unsigned long len) {
    for (unsigned i = 0; i < COMMAND_COUNT; i++)
        if (strlen(command_table[i].name) == len && memcmp(command_table[i].name, name, len) == 0)
            return (enum command)i;
    return COMMAND_COUNT;
}

static const struct {
    const char *name;
    int status;
} errors[CONTROL_ERROR_COUNT] = {
#define X(id, name, status, meaning) [CONTROL_##id] = {name, status},
    CONTROL_ERRORS(X)
#undef X
};

const char *control_error_name(enum control_error error) {
    return error < CONTROL_ERROR_COUNT ? errors[error].name : errors[CONTROL_FAILED].name;
}

int control_error_status(enum control_error error) {
    return error < CONTROL_ERROR_COUNT ? errors[error].status : errors[CONTROL_FAILED].status;
}

enum control_error control_error_parse(const char *name, unsigned long len) {
    for (unsigned i = 0; i < CONTROL_ERROR_COUNT; i++)
        if (strlen(errors[i].name) == len && memcmp(errors[i].name, name, len) == 0)
            return (enum control_error)i;
    return CONTROL_ERROR_COUNT;
}
