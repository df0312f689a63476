/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The table as documentation: for people, and for graphviz. Both come from the table itself. */
#ifndef MACHINE_DESCRIBE_H
#define MACHINE_DESCRIBE_H

#include "base/str.h"

/* States, events and the whole table in plain text. */
void machine_describe_text(struct str *out);

/* The transitions as a graph: one edge for each pair of states and handler. */
void machine_describe_dot(struct str *out);

#endif
