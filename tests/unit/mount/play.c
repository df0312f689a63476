/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

void play_request(struct helper_request *request, enum helper_op op) {
    static char empty[] = "";
    *request = (struct helper_request){.op = op, .timeout_ms = 20000, .linger_ms = 2000};
    struct config_mount *m = &request->mount;
    m->name = m->server = m->share = m->mountpoint = m->username = m->domain = m->local_user =
        m->fstype = m->source = m->credential_path = empty;
    m->command_timeout_ms = 5000;
}

__attribute__((weak)) int play_in_child(int (*helper)(void)) {
    return helper();
}

pid_t play_start(const struct helper_request *request, int *fd) {
    static unsigned char frame[WIRE_HEAD + WIRE_FRAME_MAX];
    int ends[2];
    size_t len = helper_encode_request(request, frame, sizeof frame);
    if (len == 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        int own = ends[1];
        close(ends[0]);
        if (own != HELPER_FD && (dup2(own, HELPER_FD) < 0 || close(own) != 0))
            _exit(99);
        _exit(play_in_child(helper_main));
    }
    close(ends[1]);
    *fd = ends[0];
    if (wire_write(ends[0], frame, len) != 0)
        return -1;
    return pid;
}

int play_leave(int fd, const struct login_leave *leave) {
    unsigned char go[LOGIN_LEAVE_FRAME_MAX];
    return wire_write(fd, go, login_encode_leave(HELPER_GO, leave, go, sizeof go));
}

static int converse(int fd, uint64_t start, struct play *play) {
    static unsigned char buffer[WIRE_HEAD + WIRE_FRAME_MAX];
    struct wire_in payload;
    uint32_t type;
    for (;;) {
        int rc = wire_read(fd, buffer, sizeof buffer, &type, &payload);
        if (rc != 0)
            return rc;
        if (type == HELPER_RESULT)
            break;
        if (type != HELPER_READY || play->ready)
            return -EPROTO;
        play->ready = true;
        play->ready_ms = clock_boot_ms() - start;
        (void)str_copy(play->address, sizeof play->address, wire_get_str(&payload));
        play->login = wire_get_u32(&payload);
        if (!wire_done(&payload) || play_leave(fd, &play->leave) != 0)
            return -EPROTO;
    }
    play->result_ms = clock_boot_ms() - start;
    int rc = helper_decode_result(&payload, &play->result);
    if (rc != 0 || wire_read(fd, buffer, sizeof buffer, &type, &payload) != 0)
        return rc;
    play->told = type == HELPER_VICTIMS;
    return play->told ? helper_decode_victims(&payload, &play->victims) : -EPROTO;
}

int play(const struct helper_request *request, struct play *play) {
    int fd = -1;
    uint64_t start = clock_boot_ms();
    *play = (struct play){.leave = play->leave};
    pid_t pid = play_start(request, &fd);
    if (pid < 0)
        return -ECHILD;
    int rc = converse(fd, start, play);
    waitpid(pid, &play->status, 0);
    play->end_ms = clock_boot_ms() - start;
    close(fd);
    return rc;
}
