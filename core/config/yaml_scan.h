/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What is refused before libyaml sees a byte: one cheap pass over the file. */
#ifndef CONFIG_YAML_SCAN_H
#define CONFIG_YAML_SCAN_H

#include <stddef.h>

#include "config/yaml.h"

/* Size, NUL, other control bytes, bytes that are not UTF-8, '%' directives and flow nesting.
 * 0, or -EINVAL/-E2BIG with one problem added. The depth is counted outside of quotes and
 * comments, as near as a scan can know them; the parser's own limit is behind it. */
int yaml_scan(const char *bytes, size_t len, struct yaml_problems *problems);

#endif
