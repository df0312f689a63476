/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The names of the classes, and the class of an error of this machine's. */
#include <errno.h>

#include "mount/helper_parts.h"

const char *helper_class_name(enum helper_class c) {
    static const char *const names[] = {
#define X(id, name, retries) [HELPER_##id] = name,
        HELPER_CLASSES(X)
#undef X
    };
    return c < HELPER_CLASS_COUNT ? names[c] : "unknown";
}

enum helper_class helper_class_of(int code, enum helper_class missing) {
    static const int persons[] = {
        EINVAL,       ENOTEMPTY, ENOTDIR, EISDIR, ELOOP,   EPERM,  EACCES,  EROFS,      EEXIST,
        ENAMETOOLONG, E2BIG,     EFBIG,   ENOSYS, ENOEXEC, ENODEV, ENODATA, EOPNOTSUPP,
    };
    if (code == ENOENT)
        return missing;
    for (size_t i = 0; i < sizeof persons / sizeof persons[0]; i++)
        if (code == persons[i])
            return HELPER_CONFIG;
    return HELPER_TRANSIENT;
}
