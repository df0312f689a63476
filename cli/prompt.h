/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Asking the user at the terminal, or reading a line from a pipe. */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Ask on stderr, read one line from stdin straight into line (no copy is left in a buffer), without
 * its newline. echo false: nothing is shown, and the terminal is put right again before any signal
 * takes effect. 0; -EPIPE at the end of the input; -E2BIG; -EINVAL for a NUL byte; or -errno. */
int prompt_line(const char *question, bool echo, char *line, size_t size, size_t *len,
                struct err *err);

#endif
