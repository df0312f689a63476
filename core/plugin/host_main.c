/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * smbmounter-plugin-host: the process that plugins run in. Started by the daemon only, with
 * descriptor 3 as its end of a socket:
 *   --describe FILE UID     write the descriptor of one plugin file to it
 *   --serve DIRECTORY UID   serve calls until it closes
 * UID is an owner of files that is trusted beside root.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "os/os.h"
#include "plugin/descriptor.h"
#include "plugin/host.h"

#define EXIT_USAGE 64

static int complain(const char *text) {
    fprintf(stderr, "smbmounter-plugin-host: %s\n", text);
    return EXIT_FAILURE;
}

/* Last before code of a plugin runs. */
static int confine(void) {
    struct err err;
    return os_confine_host(&err) == 0 ? EXIT_SUCCESS : complain(err.text);
}

/* The slate's descriptor goes with all that os_harden closes. */
static int prepare(bool serve, struct slate **slate) {
    struct err err;
    if (serve && (*slate = slate_join(SLATE_FD, &err)) == NULL)
        return complain(err.text);
    os_harden(HOST_FD);
    signal(SIGPIPE, SIG_IGN);
    os_end_with_parent();
    int flags = fcntl(HOST_FD, F_GETFL);
    if (flags < 0 || fcntl(HOST_FD, F_SETFL, flags & ~O_NONBLOCK) != 0)
        return complain("descriptor 3 is not open; this program is started by the daemon only");
    return EXIT_SUCCESS;
}

static size_t describe_to(const char *path, uid_t trusted_uid, void *frame, size_t size,
                          struct err *err) {
    struct plugin plugin;
    int next_fd = HOST_FD + 1;
    int copy = loader_copy(path, trusted_uid, &next_fd, err);
    if (copy < 0 && copy != -ENOTSUP)
        return 0;
    if (os_confine_host(err) != 0 || loader_load(path, copy, &plugin, err) != 0)
        return 0;
    const struct smbm_probe *probe = plugin.kind == SMBM_KIND_PROBE ? &plugin.probe : NULL;
    size_t len = descriptor_encode(plugin_header(&plugin), probe, frame, size);
    if (len == 0)
        err_set(err, E2BIG, "%s: its texts are longer than 64 KiB", path);
    return len;
}

static int describe(const char *path, uid_t trusted_uid) {
    static unsigned char frame[WIRE_HEAD + WIRE_FRAME_MAX];
    struct err err = {0};
    size_t len = describe_to(path, trusted_uid, frame, sizeof frame, &err);
    if (len == 0)
        len = call_put_text(frame, sizeof frame, CALL_ERROR, err.text);
    return wire_write(HOST_FD, frame, len) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int serve(const char *directory, uid_t trusted_uid, struct slate *slate) {
    struct host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return complain("no memory");
    host->directory = directory;
    host->trusted_uid = trusted_uid;
    host->next_fd = HOST_FD + 1;
    int rc = host_plugins_copy(host);
    if (rc == 0 && confine() != EXIT_SUCCESS)
        return EXIT_FAILURE;
    if (rc == 0)
        rc = host_serve(host, HOST_FD, slate);
    return rc == 0 ? EXIT_SUCCESS : complain(strerror(-rc));
}

static int run(int argc, char **argv, struct slate *slate) {
    char *end = NULL;
    unsigned long uid = argc == 4 ? strtoul(argv[3], &end, 10) : 0;
    if (argc != 4 || end == argv[3] || *end != '\0' || uid > UINT_MAX) {
        complain("this program is started by the daemon only");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--describe") == 0)
        return describe(argv[2], (uid_t)uid);
    if (strcmp(argv[1], "--serve") == 0)
        return serve(argv[2], (uid_t)uid, slate);
    complain("this program is started by the daemon only");
    return EXIT_USAGE;
}

/* Without exit handlers and destructors: they are plugin code, and nobody waits for them. */
int main(int argc, char **argv) {
    struct slate *slate = NULL;
    int status = prepare(argc == 4 && strcmp(argv[1], "--serve") == 0, &slate);
    _exit(status == EXIT_SUCCESS ? run(argc, argv, slate) : status);
}
