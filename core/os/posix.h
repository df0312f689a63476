/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Parts of os.h that are the same everywhere. */
#ifndef OS_POSIX_H
#define OS_POSIX_H

#include <sys/resource.h>

/* A file opened later must not become someone's stdin, stdout or stderr. */
void posix_fill_standard_fds(void);

/* Lower both limits of a resource to at most so much. 0 or -errno. */
int posix_limit(int resource, rlim_t most);

#endif
