/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The command line, parsed by the grammar of commands.h. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/err.h"
#include "control/codec.h"
#include "control/commands.h"
#include "grammar.h"

/* Values point into argv; NULL is "not given"; a flag's value is its first spelling. */
struct args {
    enum command command; /* COMMAND_COUNT: none */
    struct grammar globals, grammar;
    const char *global_values[GRAMMAR_ITEMS_MAX];
    const char *values[GRAMMAR_ITEMS_MAX];
};

/* Parse argv. 0, or -EINVAL with a message for the user. With --help or --version given, a missing
 * word is no error. */
int args_parse(struct args *args, int argc, char **argv, struct err *err);

/* The value of a flag, option or word by any of its names, or NULL. */
const char *args_get(const struct args *args, const char *name);

/* The parameters of the command's request as codec.h has them: one for each item of the grammar,
 * what was left out NULL (at the end: not there), a flag "true" or "false". */
size_t args_params(const struct args *args, const char *params[CONTROL_PARAMS_MAX]);

#endif
