/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A file copied to sealed memory: the same bytes, and nobody changes them. */
#include "plugin/sealed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fail.h"

enum { SIZE = 200000, LIMIT = 1 << 20 };

static struct err err;
static char bytes[SIZE];

static int file_of(size_t len) {
    char path[] = "/tmp/smbmounter-sealed-XXXXXX";
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 2654435761u >> 20);
    int fd = mkostemp(path, O_CLOEXEC);
    cr_assert_geq(fd, 0);
    unlink(path);
    cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
    cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void is_whole(int copy) {
    static char got[SIZE + 1];
    cr_assert_geq(copy, 0, "%s", err.text);
    cr_assert_eq(pread(copy, got, sizeof got, 0), SIZE);
    cr_assert_eq(memcmp(got, bytes, SIZE), 0);
}

Test(sealed, nobody_changes_the_copy) {
    int file = file_of(SIZE), copy = sealed_copy(file, LIMIT, 40, &err);
    is_whole(copy);
    cr_assert_geq(copy, 40, "its number was never used before");
    cr_assert_eq(pwrite(copy, "x", 1, 0), -1);
    cr_assert_eq(ftruncate(copy, 1), -1);
    cr_assert_eq(fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE), -1);
    cr_assert(mmap(NULL, 1, PROT_WRITE, MAP_SHARED, copy, 0) == MAP_FAILED);
    close(copy);
    close(file);
}

Test(sealed, what_is_empty_or_too_large_is_refused) {
    int file = file_of(0);
    cr_assert_eq(sealed_copy(file, LIMIT, 40, &err), -EINVAL);
    cr_assert_str_eq(err.text, "is empty");
    close(file);
    file = file_of(SIZE);
    cr_assert_eq(sealed_copy(file, SIZE - 1, 40, &err), -EFBIG);
    cr_assert_not_null(strstr(err.text, "is larger than"), "%s", err.text);
    cr_assert_eq(fcntl(40, F_GETFD), -1, "nothing is left open");
    close(file);
}

static int copy_once(void *context) {
    int file = *(int *)context;
    lseek(file, 0, SEEK_SET);
    int copy = sealed_copy(file, LIMIT, 40, &err);
    (void)fail_end(); /* looking at it is not what is tried */
    if (copy < 0)
        return copy;
    is_whole(copy);
    close(copy);
    return 0;
}

Test(sealed, each_failure_is_told_and_leaves_nothing_open) {
    int file = file_of(SIZE);
    cr_assert_geq(fail_each("copying", FAIL_PERHAPS, copy_once, &file), 8);
    close(file);
}

/* A signal in the middle costs nothing, nor does a kernel that does not know MFD_EXEC. */
Test(sealed, goes_on_after_a_signal_and_on_an_old_kernel) {
    int file = file_of(SIZE);
    unsigned again = 0;
    for (long n = 0; n < 64; n++) {
        lseek(file, 0, SEEK_SET);
        fail_after_with(n, EINTR);
        int copy = sealed_copy(file, LIMIT, 40, &err);
        const char *call = fail_end();
        if (call == NULL) {
            close(copy);
            break;
        }
        if (strcmp(call, "read") == 0 || strcmp(call, "write") == 0) {
            is_whole(copy);
            again++;
        }
        if (copy >= 0)
            close(copy);
    }
    cr_assert_geq(again, 5, "four pieces were read, and the end");
    lseek(file, 0, SEEK_SET);
    fail_after_with(0, EINVAL);
    int copy = sealed_copy(file, LIMIT, 40, &err);
    cr_assert_str_eq(fail_end(), "memfd_create");
    is_whole(copy);
    close(copy);
    close(file);
}
