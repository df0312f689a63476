/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * Who holds a mount. Everything is read from /proc: the mount id of each open or mapped file, of
 * the working directory, root and program. It stays the same when the mount has left the table but
 * is held. Nothing asks the file system. The scan runs in a child of its own: /proc/PID/maps can
 * wait for a process that is stuck in the mount, but such a wait ends with SIGKILL.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "os/holders.h"
#include "os/os.h"
#include "os/os_linux.h"

#define PROCESSES_MAX 4000u
#define FDS_MAX 20000u
#define NICE 5
#define YIELDS_MS 50 /* so long the way back of the mount goes first, by every process seen */

struct scan {
    struct os_holders *out;
    char readers[OS_HOLDERS_NAMES]; /* behind those who write, in the end */
    const struct os_held *held;
    const char *left;
    uint64_t begun_ms, deadline_ms;
    pid_t self, parent;
    unsigned processes, fds;
};

struct finding {
    bool holds, writes;
    char file[256]; /* the first that is open for writing, as the kernel spells it */
};

static bool late(const struct scan *scan) {
    return clock_boot_ms() >= scan->deadline_ms;
}

/* A kernel lets who runs keep the processor for some milliseconds, however nice he is. */
static void yield(const struct scan *scan) {
    if (scan->left != NULL && clock_boot_ms() - scan->begun_ms < YIELDS_MS)
        (void)sched_yield();
}

/* A process that ended is no gap; one that we may not look at is. */
static void note_gap(struct scan *scan) {
    if (errno == EACCES || errno == EPERM || errno == EMFILE || errno == ENOMEM)
        scan->out->complete = false;
}

static bool is_held(const struct scan *scan, uint64_t id) {
    for (size_t i = 0; i < scan->held->len; i++)
        if (scan->held->marks[i] == id)
            return true;
    return false;
}

static bool can_tell_next(const struct scan *scan) {
    return scan->left != NULL && scan->held->newest != 0;
}

/* The kernel gives the id of a mount that nobody holds any more to the next one, anywhere. */
static bool is_next(const struct scan *scan, int fd) {
    return can_tell_next(scan) && linux_fd_mount_number(fd) > scan->held->newest;
}

/* False when there is no such thing. */
static bool see_link(struct scan *scan, int proc, const char *name, struct finding *f) {
    uint64_t id;
    CLEANUP_CLOSE int fd = openat(proc, name, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        bool none = errno == ENOENT;
        note_gap(scan);
        return !none;
    }
    if (linux_fd_mount_id(fd, &id) == 0 && is_held(scan, id) && !is_next(scan, fd))
        f->holds = true;
    return true;
}

/* Reading the link asks nobody (facts: linux-cifs 3). A mount that has left has no place, so the
 * kernel spells its files as if they were at "/". */
static void note_file(const struct scan *scan, int proc, const char *fd, uint64_t id,
                      struct finding *f) {
    char link[32];
    size_t used = 0;
    if (scan->left != NULL && id == scan->held->marks[0] &&
        str_copy(f->file, sizeof f->file, scan->left))
        used = strlen(f->file);
    snprintf(link, sizeof link, "fd/%.20s", fd);
    ssize_t n = readlinkat(proc, link, f->file + used, sizeof f->file - 1 - used);
    f->file[n > 0 ? used + (size_t)n : 0] = '\0';
}

static bool is_of_next(const struct scan *scan, int proc, const char *name) {
    char path[32];
    snprintf(path, sizeof path, "fd/%.20s", name);
    if (!can_tell_next(scan))
        return false;
    CLEANUP_CLOSE int fd = openat(proc, path, O_PATH | O_CLOEXEC);
    return fd >= 0 ? is_next(scan, fd) : errno == ENOENT; /* closed meanwhile */
}

static void see_fd(struct scan *scan, int proc, int fdinfo, const char *name, struct finding *f) {
    char text[512];
    CLEANUP_CLOSE int fd = openat(fdinfo, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        note_gap(scan);
        return;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    if (n <= 0)
        return;
    text[n] = '\0';
    const char *at = strstr(text, "mnt_id:"), *flags = strstr(text, "flags:");
    uint64_t id = at != NULL ? strtoull(at + strlen("mnt_id:"), NULL, 10) : 0;
    if (at == NULL || !is_held(scan, id) || is_of_next(scan, proc, name))
        return;
    f->holds = true;
    unsigned long mode = flags != NULL ? strtoul(flags + strlen("flags:"), NULL, 8) : 0;
    if ((mode & O_PATH) != 0 || (mode & O_ACCMODE) == O_RDONLY)
        return;
    if (!f->writes)
        note_file(scan, proc, name, id, f);
    f->writes = true;
}

static bool see_fds(struct scan *scan, int proc, struct finding *f) {
    int fd = openat(proc, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        note_gap(scan);
        if (fd >= 0)
            close(fd);
        return true;
    }
    struct dirent *entry;
    bool more = true;
    while (more && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        more = ++scan->fds <= FDS_MAX && (scan->fds % 64 != 0 || !late(scan));
        if (more)
            see_fd(scan, proc, fd, entry->d_name, f);
    }
    closedir(dir);
    return more;
}

/* The device is only a hint: a new mount may have the number of one that has left. */
static bool is_elsewhere(const struct scan *scan, int proc, unsigned long start,
                         unsigned long end) {
    char name[64];
    uint64_t id;
    snprintf(name, sizeof name, "map_files/%lx-%lx", start, end);
    CLEANUP_CLOSE int fd = openat(proc, name, O_PATH | O_CLOEXEC);
    return fd >= 0 && linux_fd_mount_id(fd, &id) == 0 && (!is_held(scan, id) || is_next(scan, fd));
}

static bool see_maps(struct scan *scan, int proc, struct finding *f) {
    int fd = openat(proc, "maps", O_RDONLY | O_CLOEXEC);
    CLEANUP_FCLOSE FILE *maps = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (maps == NULL) {
        note_gap(scan);
        if (fd >= 0)
            close(fd);
        return true;
    }
    CLEANUP_FREE char *line = NULL;
    size_t size = 0;
    for (unsigned i = 1; getline(&line, &size, maps) > 0; i++) {
        char mode[5] = "";
        unsigned major, minor;
        unsigned long start, end;
        if (i % 256 == 0 && late(scan))
            return false;
        if (sscanf(line, "%lx-%lx %4s %*x %x:%x", &start, &end, mode, &major, &minor) != 5 ||
            LINUX_DEVICE(major, minor) != scan->held->device ||
            is_elsewhere(scan, proc, start, end))
            continue;
        f->holds = true;
        if (mode[1] == 'w' && mode[3] == 's')
            f->writes = true;
    }
    return true;
}

static const char dots[] = ", ...";

static void append(char *names, const char *entry) {
    size_t used = strlen(names), left = OS_HOLDERS_NAMES - used;
    if (strlen(entry) + 2 + sizeof dots <= left)
        snprintf(names + used, left, "%s%s", used > 0 ? ", " : "", entry);
    else if (left >= sizeof dots && strcmp(names + used - strlen(dots), dots) != 0)
        str_copy(names + used, left, dots);
}

/* As many readers behind the writers as fit. */
static void append_readers(char *names, char *readers) {
    size_t room = OS_HOLDERS_NAMES - strlen(names) - 2 - sizeof dots - sizeof dots;
    bool cut = false;
    while (readers[0] != '\0' && strlen(readers) > room) {
        char *last = readers;
        for (char *at = readers; (at = strstr(at, ", ")) != NULL; at++)
            last = at;
        *last = '\0';
        cut = true;
    }
    if (readers[0] != '\0')
        append(names, readers);
    if (cut)
        append(names, "...");
}

static void name_holder(struct scan *scan, pid_t pid, int proc, const struct finding *f) {
    char comm[64] = "", safe[128], file[256], entry[448];
    CLEANUP_CLOSE int fd = openat(proc, "comm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, comm, sizeof comm - 1) : 0;
    size_t len = n > 0 ? (size_t)n : 0;
    if (len > 0 && comm[len - 1] == '\n')
        len--;
    str_escape(safe, sizeof safe, comm, len);
    str_escape(file, sizeof file, f->file, strlen(f->file));
    snprintf(entry, sizeof entry, "%s[%d]%s%s%s%s", safe, (int)pid, f->writes ? " (writing" : "",
             file[0] != '\0' ? " " : "", file, f->writes ? ")" : "");
    append(f->writes ? scan->out->names : scan->readers, entry);
}

static bool see_process(void *context, pid_t pid, int proc) {
    struct scan *scan = context;
    if (pid == scan->self || pid == scan->parent)
        return true;
    if (++scan->processes > PROCESSES_MAX || late(scan)) {
        scan->out->complete = false;
        return false;
    }
    yield(scan);
    struct finding f = {.holds = false};
    see_link(scan, proc, "cwd", &f);
    see_link(scan, proc, "root", &f);
    /* The kernel's own threads, most of a small machine's processes, have no program, nor has who
     * was killed and waits for the mount while he ends: he has a folder, but no files any more. */
    bool more =
        !see_link(scan, proc, "exe", &f) || (see_fds(scan, proc, &f) && see_maps(scan, proc, &f));
    if (f.holds) {
        scan->out->holders++;
        scan->out->writers += f.writes;
        name_holder(scan, pid, proc, &f);
    }
    if (!more)
        scan->out->complete = false;
    return more;
}

/* The child. finished tells the parent that the figures are whole. */
static void scan_all(struct scan *scan, bool *finished) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (scan->left != NULL)
        (void)setpriority(PRIO_PROCESS, 0, NICE); /* the mount comes back meanwhile */
    scan->self = getpid();
    *finished = linux_each_process(see_process, scan) == 0;
}

/* Wait for the child until the deadline, then kill it. One that does not even die is left to init:
 * its caller is a helper that ends soon. */
static void await_child(pid_t child, uint64_t deadline_ms) {
    CLEANUP_CLOSE int pidfd = os_pidfd(child);
    uint64_t now = clock_boot_ms();
    struct pollfd wait = {.fd = pidfd, .events = POLLIN};
    struct timespec nap = {.tv_nsec = 2000000};
    while (now < deadline_ms && waitpid(child, NULL, WNOHANG) == 0) {
        if (pidfd < 0)
            nanosleep(&nap, NULL);
        else if (poll(&wait, 1, (int)(deadline_ms - now)) > 0)
            break;
        now = clock_boot_ms();
    }
    os_kill(child, pidfd);
    for (int i = 0; i < 50 && waitpid(child, NULL, WNOHANG) == 0; i++)
        nanosleep(&nap, NULL);
}

/* For kernels that cannot tell the next mount from the old one (is_next): when one here has the id,
 * we have found the users of that: whoever had the old one has let go of it by himself. Only, with
 * another device the old one lives, and another copy of it may be held. */
static void drop_users_of_next(const struct scan *scan, struct os_holders *found) {
    CLEANUP_FREE char *text = NULL;
    size_t len;
    struct linux_mount_line line;
    if (linux_read_all("/proc/self/mountinfo", &text, &len) != 0)
        return;
    for (const char *at = text; linux_mount_line_next(&at, &line);)
        if (is_held(scan, line.id)) {
            bool alone = scan->held->len == 1 || line.device == scan->held->device;
            *found = (struct os_holders){.complete = found->complete && alone};
        }
}

int os_find_holders(const struct os_held *held, const char *left, uint32_t limit_ms,
                    struct os_holders *holders) {
    struct shared {
        struct os_holders holders;
        struct scan scan;
        bool finished;
    };
    *holders = (struct os_holders){0};
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return -errno;
    shared->holders.complete = held->complete;
    shared->scan.out = &shared->holders;
    shared->scan.held = held;
    shared->scan.left = left;
    shared->scan.begun_ms = clock_boot_ms();
    shared->scan.deadline_ms = shared->scan.begun_ms + (limit_ms < 60000 ? limit_ms : 60000);
    shared->scan.parent = getpid();
    int rc = 0;
    pid_t child = fork();
    if (child < 0)
        rc = -errno;
    else if (child == 0) {
        scan_all(&shared->scan, &shared->finished);
        _exit(0);
    } else {
        await_child(child, shared->scan.deadline_ms);
        *holders = shared->holders;
        /* A child killed in the middle of a word must not make us read on. */
        holders->names[sizeof holders->names - 1] = '\0';
        shared->scan.readers[sizeof shared->scan.readers - 1] = '\0';
        append_readers(holders->names, shared->scan.readers);
        holders->complete = holders->complete && shared->finished;
        if (left != NULL && holders->holders > 0 && held->newest == 0)
            drop_users_of_next(&shared->scan, holders);
    }
    munmap(shared, sizeof *shared);
    return rc;
}
