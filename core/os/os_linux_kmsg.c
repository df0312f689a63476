/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Why the server said no: cifs tells the NT status to the kernel log only. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "os/os.h"
#include "os/os_cifs.h"

#define RECORDS_MAX 4096
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

int os_kernel_log_mark(void) {
    int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* A record is "priority,sequence,time,flags;text\n" and perhaps more lines (dev-kmsg ABI). */
static void find_status(char *record, char *status, size_t size) {
    static const char prefix[] = "CIFS:", word[] = "STATUS_";
    char *text = strchr(record, ';');
    if (text == NULL || strncmp(++text, prefix, strlen(prefix)) != 0)
        return;
    text[strcspn(text, "\n")] = '\0';
    char *found = strstr(text, word);
    if (found == NULL)
        return;
    size_t len = strspn(found, LETTERS);
    if (len == strlen(word))
        return;
    found[len] = '\0';
    str_copy(status, size, found);
}

void os_kernel_log_status(int fd, char *status, size_t size) {
    char record[8192];
    if (size == 0)
        return;
    status[0] = '\0';
    for (int i = 0; fd >= 0 && i < RECORDS_MAX; i++) {
        ssize_t n = read(fd, record, sizeof record - 1);
        if (n < 0 && (errno == EPIPE || errno == EINTR)) /* EPIPE: overwritten, the next follow */
            continue;
        if (n <= 0)
            return;
        record[n] = '\0';
        find_status(record, status, size);
    }
}
