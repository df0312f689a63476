/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Records as JSON: the fields of fields.h with their keys. Pure. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "base/str.h"
#include "control/codec.h"

/* One record as an object. */
void json_add_row(struct str *to, enum record record, const void *row);

/* One section: an array of objects. Several: an object of arrays by the record's name. */
void json_add_sections(struct str *to, const struct control_section *sections, size_t len);

/* {"error": {"code": ..., "message": ...}} */
void json_add_error(struct str *to, enum control_error code, const char *message);

#endif
