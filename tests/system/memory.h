/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the tracer and the allocators of all programs of ours share: a file that both map. */
#ifndef TESTS_SYSTEM_MEMORY_H
#define TESTS_SYSTEM_MEMORY_H

#include <stdatomic.h>

#define MEMORY_FILE "/run/lab/memory"

struct memory {
    atomic_long left; /* allocations until the one that fails; 0: none does */
    char hit[128];    /* which program that was */
};

#endif
