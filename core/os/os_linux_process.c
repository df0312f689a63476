/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Our own processes: hardened, confined, killed; and the walk over all of them in /proc. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/orphans.h"
#include "os/os.h"
#include "os/os_linux.h"
#include "os/posix.h"

/* LeakSanitizer traces its own process, and the shadow memory needs terabytes of addresses. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN true
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN false
#endif

#ifdef SMBMOUNTER_COVERAGE
#define HOST_FILE_SIZE (1u << 24) /* the counters */
#define HOST_WRITES true
#else
#define HOST_FILE_SIZE 0u
#define HOST_WRITES false
#endif
#define HOST_FILES 256u
#define LARGE_PIECE (64 * 1024)
#define HOST_MEMORY (1024ul * 1024ul * 1024ul)

static void close_above(int max_fd) {
    unsigned first = (unsigned)max_fd + 1;
    if (syscall(SYS_close_range, first, ~0u, 0) == 0)
        return;
    long last = sysconf(_SC_OPEN_MAX);
    for (unsigned fd = first; fd < (last > 0 && last < 65536 ? (unsigned)last : 65536u); fd++)
        close((int)fd);
}

void os_harden(int keep_max_fd) {
    struct rlimit none = {0, 0};
    posix_fill_standard_fds();
    if (keep_max_fd >= 0)
        close_above(keep_max_fd);
    setrlimit(RLIMIT_CORE, &none);
    if (!UNDER_ASAN)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* The bounding set first: dropping from it needs a capability that goes next. */
static int drop_capabilities(void) {
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
        if (cap == CAP_DAC_READ_SEARCH || prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 0)
            continue;
        /* Without CAP_SETPCAP the set stays; no_new_privs then keeps exec from using it. */
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 &&
            prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
            return -errno;
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}, {0}};
    if (syscall(SYS_capget, &head, data) != 0)
        return -errno;
    uint32_t keep = CAP_TO_MASK(CAP_DAC_READ_SEARCH) & data[0].permitted;
    data[0] = (struct __user_cap_data_struct){.effective = keep, .permitted = keep};
    data[1] = (struct __user_cap_data_struct){0};
    return syscall(SYS_capset, &head, data) == 0 ? 0 : -errno;
}

int os_confine_host(struct err *err) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int rc = drop_capabilities();
    if (rc != 0)
        return err_sys(err, -rc, "cannot drop the capabilities of the plugin host");
    /* A write past the limit shall fail with EFBIG (stderr may be a file), not kill. */
    signal(SIGXFSZ, SIG_IGN);
    rc = posix_limit(RLIMIT_NOFILE, HOST_FILES);
    if (rc == 0)
        rc = posix_limit(RLIMIT_FSIZE, HOST_FILE_SIZE);
    if (rc == 0)
        rc = posix_limit(RLIMIT_CORE, 0);
    if (rc == 0 && !UNDER_ASAN)
        rc = posix_limit(RLIMIT_AS, HOST_MEMORY);
    if (rc == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        rc = -errno;
    if (rc == 0 && !HOST_WRITES)
        rc = linux_forbid_writing();
    if (rc == 0)
        rc = linux_filter_host();
    return rc == 0 ? 0 : err_sys(err, -rc, "cannot limit the plugin host");
}

void os_spare_memory(void) {
#ifdef __GLIBC__
    /* Else it grows with what was freed, and mount tables fragment the heap. */
    mallopt(M_MMAP_THRESHOLD, LARGE_PIECE);
    malloc_trim(0);
#endif
}

int os_shared_memory(size_t size) {
    return os_memory_file("smbmounter", size);
}

int os_pidfd(pid_t pid) {
    long fd = syscall(SYS_pidfd_open, pid, 0);
    return fd >= 0 ? (int)fd : -1;
}

int os_kill(pid_t pid, int pidfd) {
    if (pidfd >= 0) {
        if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0)
            return 0;
        if (errno != ENOSYS)
            return -errno;
    }
    if (pid <= 0) /* would be a whole group */
        return -EINVAL;
    return kill(pid, SIGKILL) == 0 ? 0 : -errno;
}

void os_adopt_orphans(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* None of them was reaped, so their numbers mean nobody else. */
static bool kill_children(void) {
    char path[64], text[4096], *at = text;
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    text[len > 0 ? len : 0] = '\0';
    for (;;) {
        char *end;
        long pid = strtol(at, &end, 10);
        if (end == at || pid <= 0)
            return at != text;
        kill((pid_t)pid, SIGKILL);
        at = end;
    }
}

void os_end_children(uint32_t limit_ms) {
    for (uint32_t waited = 0;; waited++) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (!kill_children() || waited >= limit_ms)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

static bool ended_or_hidden(int code) {
    return code == ENOENT || code == ESRCH || code == EACCES || code == EPERM;
}

int linux_each_process(bool (*see)(void *context, pid_t pid, int proc_pid_fd), void *context) {
    DIR *proc = opendir("/proc");
    if (proc == NULL)
        return -errno;
    int rc = 0;
    for (bool more = true; more;) {
        char *end;
        errno = 0;
        const struct dirent *entry = readdir(proc);
        if (entry == NULL) {
            rc = errno != 0 ? -errno : rc;
            break;
        }
        long pid = strtol(entry->d_name, &end, 10);
        if (*end != '\0' || pid <= 0)
            continue;
        CLEANUP_CLOSE int fd = openat(dirfd(proc), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0)
            more = see(context, (pid_t)pid, fd);
        else if (!ended_or_hidden(errno))
            rc = -errno;
    }
    closedir(proc);
    return rc;
}
