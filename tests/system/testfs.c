/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * testfs NAME CONTROL MOUNTPOINT: a FUSE file system that misbehaves on order. It mounts, goes into
 * the background and serves a folder with one file, "file", that keeps what is written to it. The
 * text in the file CONTROL, read anew for each request, says how:
 *
 *     ok          answer (also when CONTROL is missing)
 *     stall       take the request and never answer it
 *     late MS     answer after so many milliseconds
 *     error N     answer with errno N
 *     die         end without a word
 *
 * The mount's source is NAME, its type fuse.testfs; the server's process id is in CONTROL.pid.
 */
#define FUSE_USE_VERSION 34
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse_lowlevel.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_INODE 2
#define FILE_SIZE (64u * 1024u)

struct testfs {
    char control[1024];
    char data[FILE_SIZE];
    size_t size;
};

static struct testfs *of(fuse_req_t request) {
    return fuse_req_userdata(request);
}

/* Do as CONTROL says. True: the request is to be answered as usual. */
static bool obey(fuse_req_t request) {
    char order[64] = "ok";
    int fd = open(of(request)->control, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, order, sizeof order - 1);
    if (fd >= 0)
        close(fd);
    if (got > 0)
        order[got] = 0;
    long number = 0;
    if (strncmp(order, "stall", 5) == 0)
        return false;
    if (strncmp(order, "die", 3) == 0)
        raise(SIGKILL);
    if (sscanf(order, "late %ld", &number) == 1) {
        nanosleep(&(struct timespec){.tv_sec = number / 1000, .tv_nsec = number % 1000 * 1000000},
                  NULL);
    } else if (sscanf(order, "error %ld", &number) == 1) {
        fuse_reply_err(request, (int)number);
        return false;
    }
    return true;
}

static void fill(const struct testfs *fs, fuse_ino_t inode, struct stat *to) {
    *to = (struct stat){.st_ino = inode};
    if (inode == FUSE_ROOT_ID) {
        to->st_mode = S_IFDIR | 0755;
        to->st_nlink = 2;
    } else {
        to->st_mode = S_IFREG | 0644;
        to->st_nlink = 1;
        to->st_size = (off_t)fs->size;
    }
}

static void on_lookup(fuse_req_t request, fuse_ino_t parent, const char *name) {
    if (!obey(request))
        return;
    if (parent != FUSE_ROOT_ID || strcmp(name, "file") != 0) {
        fuse_reply_err(request, ENOENT);
        return;
    }
    struct fuse_entry_param entry = {.ino = FILE_INODE};
    fill(of(request), FILE_INODE, &entry.attr);
    fuse_reply_entry(request, &entry);
}

static void on_getattr(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info) {
    (void)info;
    struct stat attributes;
    if (!obey(request))
        return;
    fill(of(request), inode, &attributes);
    fuse_reply_attr(request, &attributes, 0);
}

static void on_setattr(fuse_req_t request, fuse_ino_t inode, struct stat *wanted, int which,
                       struct fuse_file_info *info) {
    (void)info;
    struct testfs *fs = of(request);
    struct stat attributes;
    if (!obey(request))
        return;
    if ((which & FUSE_SET_ATTR_SIZE) && (size_t)wanted->st_size <= fs->size) {
        fs->size = (size_t)wanted->st_size;
    }
    fill(fs, inode, &attributes);
    fuse_reply_attr(request, &attributes, 0);
}

static void on_statfs(fuse_req_t request, fuse_ino_t inode) {
    (void)inode;
    struct statvfs system = {.f_bsize = 4096, .f_frsize = 4096, .f_blocks = 16, .f_namemax = 255};
    if (obey(request))
        fuse_reply_statfs(request, &system);
}

static void on_open(fuse_req_t request, fuse_ino_t inode, struct fuse_file_info *info) {
    (void)inode;
    info->direct_io = 1;
    if (obey(request))
        fuse_reply_open(request, info);
}

static void on_read(fuse_req_t request, fuse_ino_t inode, size_t size, off_t at,
                    struct fuse_file_info *info) {
    (void)inode;
    (void)info;
    const struct testfs *fs = of(request);
    if (!obey(request))
        return;
    size_t from = at < 0 || (size_t)at > fs->size ? fs->size : (size_t)at;
    size_t len = fs->size - from < size ? fs->size - from : size;
    fuse_reply_buf(request, fs->data + from, len);
}

static void on_write(fuse_req_t request, fuse_ino_t inode, const char *data, size_t size, off_t at,
                     struct fuse_file_info *info) {
    (void)inode;
    (void)info;
    struct testfs *fs = of(request);
    if (!obey(request))
        return;
    if (at < 0 || size > FILE_SIZE || (size_t)at > FILE_SIZE - size) {
        fuse_reply_err(request, EFBIG);
        return;
    }
    memcpy(fs->data + at, data, size);
    if ((size_t)at + size > fs->size)
        fs->size = (size_t)at + size;
    fuse_reply_write(request, size);
}

static void on_fsync(fuse_req_t request, fuse_ino_t inode, int only_data,
                     struct fuse_file_info *info) {
    (void)inode;
    (void)only_data;
    (void)info;
    if (obey(request))
        fuse_reply_err(request, 0);
}

static void on_readdir(fuse_req_t request, fuse_ino_t inode, size_t size, off_t at,
                       struct fuse_file_info *info) {
    (void)info;
    char buffer[256];
    size_t used = 0;
    struct stat attributes;
    if (!obey(request))
        return;
    if (inode != FUSE_ROOT_ID) {
        fuse_reply_err(request, ENOTDIR);
        return;
    }
    fill(of(request), FILE_INODE, &attributes);
    if (at == 0) {
        used = fuse_add_direntry(request, buffer, sizeof buffer, "file", &attributes, 1);
    }
    fuse_reply_buf(request, buffer, used <= size ? used : 0);
}

static const struct fuse_lowlevel_ops operations = {
    .lookup = on_lookup,
    .getattr = on_getattr,
    .setattr = on_setattr,
    .statfs = on_statfs,
    .open = on_open,
    .read = on_read,
    .write = on_write,
    .fsync = on_fsync,
    .readdir = on_readdir,
};

static void note_pid(const char *control) {
    char path[1100];
    snprintf(path, sizeof path, "%s.pid", control);
    FILE *file = fopen(path, "we");
    if (!file)
        return;
    fprintf(file, "%ld\n", (long)getpid());
    fclose(file);
}

static int serve(struct fuse_session *session, const char *control, const char *mountpoint) {
    if (fuse_set_signal_handlers(session) != 0)
        return 1;
    if (fuse_session_mount(session, mountpoint) != 0)
        return 1;
    if (fuse_daemonize(0) != 0)
        return 1;
    note_pid(control);
    int status = fuse_session_loop(session);
    fuse_session_unmount(session);
    return status == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    char source[256];
    if (argc != 4) {
        fputs("usage: testfs NAME CONTROL MOUNTPOINT\n", stderr);
        return 2;
    }
    struct testfs *fs = calloc(1, sizeof *fs);
    if (!fs)
        return 1;
    snprintf(fs->control, sizeof fs->control, "%s", argv[2]);
    fs->size = (size_t)snprintf(fs->data, sizeof fs->data, "hello from %s\n", argv[1]);
    snprintf(source, sizeof source, "fsname=%s,subtype=testfs,allow_other", argv[1]);
    char *words[] = {argv[0], (char[]){"-o"}, source, NULL};
    struct fuse_args args = FUSE_ARGS_INIT(3, words);
    struct fuse_session *session = fuse_session_new(&args, &operations, sizeof operations, fs);
    if (!session)
        return 1;
    int status = serve(session, argv[2], argv[3]);
    fuse_session_destroy(session);
    fuse_opt_free_args(&args);
    free(fs);
    return status;
}
