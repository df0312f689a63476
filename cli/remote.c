/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "cli.h"
#include "json.h"
#include "print.h"
#include "text.h"

/* How long a command may take, ms. What takes longer than CLIENT_ANSWER_MS first asks whether the
 * daemon is there at all, so that a stopped one is told apart from a slow share. */
static const uint32_t limits_ms[COMMAND_COUNT] = {
    [COMMAND_STATUS] = CLIENT_ANSWER_MS,
    [COMMAND_PLUGINS] = CLIENT_ANSWER_MS,
    [COMMAND_WHY] = CLIENT_ANSWER_MS,
    [COMMAND_EVENTS] = CLIENT_ANSWER_MS,
    [COMMAND_VERSION] = CLIENT_ANSWER_MS,
    [COMMAND_MOUNT] = 60000,
    [COMMAND_UNMOUNT] = 60000,
    [COMMAND_PROBE] = 30000,
    [COMMAND_RELOAD] = 30000,
};

/* Length of the first line. A daemon's message comes from the codec with its newlines escaped. */
static size_t line_len(const char *message, size_t *end) {
    static const char escaped[] = "\\x0a";
    const char *at = strstr(message, escaped);
    size_t len = strcspn(message, "\n");
    *end = message[len] == '\n';
    if (at == NULL || (size_t)(at - message) > len)
        return len;
    *end = sizeof escaped - 1;
    return (size_t)(at - message);
}

/* A message clean for a terminal; lines after the first are indented, so that none can pass for a
 * message of its own. */
static void add_message(struct str *to, const char *message) {
    str_add(to, "smbmounter: ");
    for (size_t len, end; *message != '\0'; message += len + end) {
        char line[ERR_TEXT_MAX * 8];
        len = line_len(message, &end);
        str_clean(line, sizeof line, message, len);
        str_add_bytes(to, line, strlen(line));
        str_add(to, message[len] != '\0' && message[len + end] != '\0' ? "\n  " : "\n");
    }
}

int cli_fail(const struct cli *cli, enum control_error code, const char *message) {
    struct str text;
    str_init(&text, 64 * 1024);
    add_message(&text, message[0] != '\0' ? message : control_error_name(code));
    screen_put(&cli->message, &text);
    str_finish(&text);
    if (cli->json) {
        str_init(&text, 64 * 1024);
        json_add_error(&text, code, message);
        screen_put(&cli->screen, &text);
        str_finish(&text);
    }
    return control_error_status(code);
}

static void show_progress(void *context, const struct control_response *notification) {
    const struct cli *cli = context;
    const struct control_section *section = print_find(notification, RECORD_RESULT);
    if (cli->json || section == NULL || section->rows_len == 0)
        return;
    screen_progress(&cli->message, ((const struct result_view *)section->rows)->text);
}

static enum control_error ask(const struct cli *cli, struct client *client,
                              struct control_response *response, struct err *err) {
    const char *params[CONTROL_PARAMS_MAX];
    enum command command = cli->args.command;
    struct client_call call = {.method = command_table[COMMAND_VERSION].name,
                               .limit_ms = CLIENT_ANSWER_MS};
    if (limits_ms[command] > CLIENT_ANSWER_MS) {
        enum control_error rc = client_call(client, &call, response, err);
        if (rc != CONTROL_OK)
            return rc;
        control_response_finish(response);
    }
    call = (struct client_call){
        .method = command_table[command].name,
        .params = params,
        .params_len = args_params(&cli->args, params),
        .limit_ms = limits_ms[command],
        .notified = show_progress,
        .context = (void *)(uintptr_t)cli,
    };
    return client_call(client, &call, response, err);
}

enum control_error remote_call(const struct cli *cli, struct client *client,
                               struct control_response *response) {
    struct err err = {0};
    enum command command = cli->args.command;
    *response = (struct control_response){0};
    enum control_error rc = client_connect(client, cli->socket, CLIENT_ANSWER_MS, &err);
    if (rc == CONTROL_OK)
        rc = ask(cli, client, response, &err);
    screen_progress(&cli->message, "");
    if (rc == CONTROL_TIMEOUT && err.code == 0)
        err_set(&err, ETIMEDOUT,
                "%s: no result within %u s; it may still be going on, see: smbmounter status",
                command_table[command].name, limits_ms[command] / 1000);
    if (rc != CONTROL_OK)
        cli_fail(cli, rc, err.text);
    return rc;
}

static void show_results(const struct cli *cli, const struct control_response *response,
                         struct str *to) {
    (void)cli;
    const struct control_section *section = print_find(response, RECORD_RESULT);
    for (size_t i = 0; section != NULL && i < section->rows_len; i++) {
        const struct result_view *row = (const struct result_view *)section->rows + i;
        char took[CLOCK_TEXT_MAX];
        clock_format_span(row->took_ms, took);
        text_add_escaped(to, row->text);
        if (row->took_ms > 0)
            str_add(to, " (%s)", took);
        str_add(to, "\n");
    }
}

int remote_run(const struct cli *cli,
               void (*show)(const struct cli *cli, const struct control_response *response,
                            struct str *to),
               enum control_error (*judge)(const struct cli *cli,
                                           const struct control_response *response)) {
    struct client client;
    struct control_response response;
    struct str text;
    str_init(&text, SCREEN_TEXT_MAX);
    enum control_error rc = remote_call(cli, &client, &response);
    int status = control_error_status(rc);
    if (rc == CONTROL_OK) {
        if (cli->json)
            json_add_sections(&text, response.sections, response.sections_len);
        else
            (show != NULL ? show : show_results)(cli, &response, &text);
        if (!screen_put(&cli->screen, &text))
            status = control_error_status(CONTROL_FAILED);
        else if (judge != NULL)
            status = control_error_status(judge(cli, &response));
    }
    str_finish(&text);
    control_response_finish(&response);
    client_disconnect(&client);
    return status;
}
