/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>

#include "base/clock.h"
#include "cli.h"
#include "json.h"
#include "print.h"
#include "text.h"

static void show(const struct cli *cli, const struct control_response *response, struct str *to) {
    const struct control_section *section = print_find(response, RECORD_EVENT);
    if (section == NULL || section->rows_len == 0)
        str_add(to, "Nothing has been recorded yet.\n");
    else
        print_table(&cli->screen, section, NULL, to);
}

/* Events as they come: a line each, JSON or words, so that it can be read by the line. */
static bool put_lines(const struct cli *cli, const struct control_response *response) {
    const struct control_section *section = print_find(response, RECORD_EVENT);
    struct str text;
    str_init(&text, SCREEN_TEXT_MAX);
    for (size_t i = 0; section != NULL && i < section->rows_len; i++) {
        const struct event_view *event = (const struct event_view *)section->rows + i;
        if (cli->json) {
            json_add_row(&text, RECORD_EVENT, event);
        } else {
            char time[CLOCK_TEXT_MAX];
            clock_format_wall(event->wall_ms, time);
            str_add(&text, "%s  ", time);
            text_add_escaped(&text, event->mount[0] != '\0' ? event->mount : "-");
            str_add(&text, "  ");
            text_add_escaped(&text, event->kind);
            str_add(&text, "  ");
            text_add_escaped(&text, event->text);
        }
        str_add(&text, "\n");
    }
    bool ok = screen_put(&cli->screen, &text);
    str_finish(&text);
    return ok;
}

static void wake(int signal) {
    (void)signal;
}

/* SIGINT and SIGTERM end the waiting only, so that what is half printed is finished. mask is the
 * one to wait with. */
static void catch_end(sigset_t *mask) {
    struct sigaction action = {.sa_handler = wake};
    sigset_t ends;
    sigemptyset(&action.sa_mask);
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, mask);
    sigdelset(mask, SIGINT);
    sigdelset(mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* True when there is something to read, false when the user has had enough. */
static bool wait_for_more(int fd, const sigset_t *mask) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    return pselect(fd + 1, &set, NULL, NULL, NULL, mask) > 0;
}

static int follow_on(const struct cli *cli, struct client *client, const sigset_t *mask) {
    for (;;) {
        struct control_response response;
        struct err err = {0};
        enum control_error rc = client_receive(client, 0, &response, &err);
        bool ok = rc != CONTROL_OK || put_lines(cli, &response);
        control_response_finish(&response);
        if (!ok)
            return control_error_status(CONTROL_FAILED);
        if (rc == CONTROL_OK)
            continue;
        if (rc != CONTROL_TIMEOUT)
            return cli_fail(cli, rc,
                            err.code == EPIPE ? "the daemon ended; no more events" : err.text);
        if (!wait_for_more(client->fd, mask))
            return control_error_status(CONTROL_OK);
    }
}

static int follow(const struct cli *cli) {
    struct client client;
    struct control_response response;
    sigset_t mask;
    enum control_error rc = remote_call(cli, &client, &response);
    int status = control_error_status(rc);
    if (rc == CONTROL_OK && client.fd >= FD_SETSIZE) {
        status = cli_fail(cli, CONTROL_FAILED, "too many open files were passed on to smbmounter");
    } else if (rc == CONTROL_OK) {
        catch_end(&mask);
        status = put_lines(cli, &response) ? follow_on(cli, &client, &mask)
                                           : control_error_status(CONTROL_FAILED);
    }
    control_response_finish(&response);
    client_disconnect(&client);
    return status;
}

int events_run(const struct cli *cli) {
    return args_get(&cli->args, "--follow") != NULL ? follow(cli) : remote_run(cli, show, NULL);
}
