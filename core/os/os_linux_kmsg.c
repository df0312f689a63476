/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Why the server said no: cifs tells the NT status to the kernel log only. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
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

/* A status does not say whose it is, and the kernel goes on logging in to other servers meanwhile;
 * but with its messages on, the login that failed says so next, with the server's name. */
struct finding {
    const char *server;
    char status[64], ours[64]; /* nobody's so far; and one that was ours */
    bool others;
};

static void find_status(struct finding *finding, const char *text) {
    static const char word[] = "STATUS_";
    const char *found = strstr(text, word);
    size_t len = found != NULL ? strspn(found, LETTERS) : 0;
    if (len <= strlen(word) || len >= sizeof finding->status)
        return;
    memcpy(finding->status, found, len);
    finding->status[len] = '\0';
}

/* "VFS: \\SERVER Send error in SessSetup = -13"; the log writes a backslash as \x5c. */
static void find_owner(struct finding *finding, const char *text) {
    static const char prefix[] = "VFS: \\x5c\\x5c", what[] = " Send error in SessSetup";
    size_t len = strlen(finding->server);
    if (finding->status[0] == '\0' || strncmp(text, prefix, strlen(prefix)) != 0 ||
        strstr(text, what) == NULL)
        return;
    text += strlen(prefix);
    if (strncasecmp(text, finding->server, len) == 0 &&
        strncmp(text + len, what, strlen(what)) == 0)
        memcpy(finding->ours, finding->status, sizeof finding->ours);
    else
        finding->others = true;
    finding->status[0] = '\0';
}

/* A record is "priority,sequence,time,flags;text\n" and perhaps more lines (dev-kmsg ABI). */
static void hear(struct finding *finding, char *record) {
    static const char prefix[] = "CIFS: ";
    char *text = strchr(record, ';');
    if (text == NULL || strncmp(++text, prefix, strlen(prefix)) != 0)
        return;
    text[strcspn(text, "\n")] = '\0';
    find_status(finding, text);
    find_owner(finding, text + strlen(prefix));
}

bool os_kernel_log_status(int fd, const char *server, char *status, size_t size) {
    struct finding finding = {.server = server};
    char record[8192];
    for (int i = 0; fd >= 0 && i < RECORDS_MAX; i++) {
        ssize_t n = read(fd, record, sizeof record - 1);
        if (n < 0 && (errno == EPIPE || errno == EINTR)) /* EPIPE: overwritten, the next follow */
            continue;
        if (n <= 0)
            break;
        record[n] = '\0';
        hear(&finding, record);
    }
    const char *best = finding.ours[0] != '\0' ? finding.ours : finding.status;
    (void)str_copy(status, size, best);
    return best[0] != '\0' || !finding.others;
}
