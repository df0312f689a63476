/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* A scripted daemon and a way to run the program against it. */
#ifndef TESTS_CLI_RIG_H
#define TESTS_CLI_RIG_H

#include <stdint.h>
#include <sys/types.h>

#include "control/codec.h"

struct rig {
    char dir[32], path[64];
    pid_t pid;
    int listener; /* kept open when nobody serves */
};

/* Answers one request on fd. */
typedef void rig_answer(int fd, const struct control_request *request);

/* A socket that listens with this backlog and is never accepted from. */
void rig_listen(struct rig *rig, int backlog);
/* A process that accepts, again and again, and hands each connection over. */
void rig_serve(struct rig *rig, void (*connection)(int fd));
/* As rig_serve, decoding requests. version requests are answered already. */
void rig_answer_with(struct rig *rig, rig_answer *answer);
void rig_stop(struct rig *rig);

/* Send a reply's bytes. */
void rig_send(int fd, struct control_reply *reply);
/* Answer with one section of rows. */
void rig_rows(int fd, uint32_t id, enum record record, const void *rows, size_t len);
void rig_error(int fd, uint32_t id, enum control_error code, const char *message);

struct ran {
    int status; /* exit status, or -signal */
    uint64_t took_ms;
    char out[256 * 1024], err[16 * 1024];
};
/* Run the program with these words (NULL-terminated), input on stdin, $SMBMOUNTER_SOCKET set to
 * path (NULL: not set). */
struct ran *run_program(const char *path, const char *input, const char *const *words);
/* The same on a terminal of so many columns; out has both outputs. keys are typed after a prompt
 * (a ": " at the end of what came). */
struct ran *run_on_terminal(const char *path, unsigned short columns, const char *const *keys,
                            const char *const *words);

/* True when python3 reads text as JSON; also when there is no python3. */
int is_json(const char *text);

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
