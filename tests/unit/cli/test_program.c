/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The whole program against a scripted daemon. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "rig.h"

static struct rig rig;

static void contains(const char *text, const char *part) {
    cr_assert(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text);
}

static void notify(int fd, const char *method, enum record record, const void *row) {
    struct control_reply reply;
    control_reply_init(&reply);
    control_reply_notify(&reply, method, record, row);
    rig_send(fd, &reply);
}

static const char *last_param(const struct control_request *request) {
    return request->params[request->params_len > 0 ? request->params_len - 1 : 0];
}

static void status(int fd, const struct control_request *request) {
    const struct status_record rows[] = {
        {.name = "media",
         .state = "mounted",
         .health = "healthy",
         .mountpoint = "/mnt/media",
         .source = "//nas.local/media",
         .recoveries = 3,
         .since_ms = clock_wall_ms() - (3 * 60 + 5) * 60000 - 30000},
        {.name = "evil\033[2J",
         .state = "failed",
         .health = "denied",
         .mountpoint = "/mnt/x",
         .source = "//nas/\"x\"",
         .reason = "login refused \007 by the server",
         .next_try_ms = clock_wall_ms() + 3600500},
    };
    const char *name = last_param(request);
    if (strcmp(name, "none") == 0)
        rig_rows(fd, request->id, RECORD_STATUS, NULL, 0);
    else if (name[0] != '\0' && strcmp(name, "media") != 0)
        rig_error(fd, request->id, CONTROL_NO_MOUNT, "no mount 'x'; there are: media");
    else
        rig_rows(fd, request->id, RECORD_STATUS, rows, 2);
}

static const struct result_record done = {.text = "media is mounted", .took_ms = 1234};

static void mount(int fd, const struct control_request *request) {
    for (int i = 0; i < 3; i++)
        notify(fd, "progress", RECORD_RESULT,
               &(struct result_record){.text = "resolving nas.local"});
    rig_rows(fd, request->id, RECORD_RESULT, &done, 1);
}

static void unmount(int fd, const struct control_request *request) {
    if (strcmp(request->params[0], "true") == 0)
        rig_rows(fd, request->id, RECORD_RESULT, &done, 1);
    else
        rig_error(fd, request->id, CONTROL_BUSY, "files are open: vim[12]");
}

static void reload(int fd, const struct control_request *request) {
    rig_error(fd, request->id, CONTROL_BAD_CONFIG, "a.yaml:1:1: wrong\na.yaml:2:1: \033worse");
}

static void probe(int fd, const struct control_request *request) {
    rig_rows(fd, request->id, RECORD_PROBE,
             &(struct probe_record){.probe = "stat-timeout",
                                    .verdict = "healthy",
                                    .took_us = 3210,
                                    .evidence = "answered",
                                    .os_error = "EIO"},
             1);
}

static void why(int fd, const struct control_request *request) {
    rig_rows(fd, request->id, RECORD_STORY,
             (struct story_record[]){{.wall_ms = 1000, .incident = 1, .text = "It began."},
                                     {.wall_ms = 2000, .incident = 2, .text = "Again."}},
             2);
}

static void plugins(int fd, const struct control_request *request) {
    struct control_reply reply;
    control_reply_init(&reply);
    control_reply_begin(&reply, request->id, 2);
    control_reply_section(&reply, RECORD_PLUGIN, 1);
    control_reply_row(&reply, RECORD_PLUGIN,
                      &(struct plugin_record){.name = "backoff",
                                              .kind = "recovery",
                                              .state = "broken",
                                              .error = "bad magic",
                                              .used_by = 1});
    control_reply_section(&reply, RECORD_OPTION, 1);
    control_reply_row(&reply, RECORD_OPTION,
                      &(struct option_record){.option = "timeout_ms", .preset = "5000"});
    rig_send(fd, &reply);
}

static void events(int fd, const struct control_request *request) {
    rig_rows(fd, request->id, RECORD_EVENT,
             &(struct event_record){.wall_ms = 1, .mount = "media", .kind = "state"}, 1);
    for (int i = 0; strcmp(request->params[0], "true") == 0 && i < 3; i++)
        notify(fd, "event", RECORD_EVENT,
               &(struct event_record){.mount = "media", .kind = "server", .text = "mute\033"});
    if (strcmp(last_param(request), "end") == 0)
        shutdown(fd, SHUT_RDWR);
}

static void answer(int fd, const struct control_request *request) {
    static rig_answer *const answers[COMMAND_COUNT] = {
        [COMMAND_STATUS] = status, [COMMAND_MOUNT] = mount,     [COMMAND_UNMOUNT] = unmount,
        [COMMAND_RELOAD] = reload, [COMMAND_PROBE] = probe,     [COMMAND_WHY] = why,
        [COMMAND_EVENTS] = events, [COMMAND_PLUGINS] = plugins,
    };
    if (request->command < COMMAND_COUNT && answers[request->command] != NULL)
        answers[request->command](fd, request);
    else
        rig_error(fd, request->id, CONTROL_USAGE, "no such method");
}

static void start(void) {
    rig_answer_with(&rig, answer);
}
static void stop(void) {
    rig_stop(&rig);
}
TestSuite(program, .init = start, .fini = stop, .timeout = 60);

static struct ran *run(const char *const *words) {
    return run_program(rig.path, "", words);
}

Test(program, status_for_people) {
    struct ran *ran = run(WORDS("status"));
    cr_assert_eq(ran->status, 0, "%s", ran->err);
    contains(ran->out, "NAME");
    contains(ran->out, "3 h 5 min");
    contains(ran->out, "evil\\x1b[2J");
    contains(ran->out, "\n  login refused \\x07 by the server; next try in 1 h 0 min\n");
    cr_assert(strchr(ran->out, '\033') == NULL);
    cr_assert_str_empty(ran->err);
    free(ran);
}

Test(program, status_without_mounts) {
    struct ran *ran = run(WORDS("status", "none"));
    cr_assert_eq(ran->status, 0);
    contains(ran->out, "smbmounter reload");
    free(ran);
}

Test(program, json_of_every_command_is_well_formed) {
    static const char *const commands[][3] = {
        {"status"},
        {"mount", "media"},
        {"probe", "media"},
        {"plugins"},
        {"plugins", "backoff"},
        {"why", "media"},
        {"events"},
        {"version"},
        {"status", "x"},
        {"unmount", "media"},
        {"reload"},
        {"mount"},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const char *words[5] = {"--json", commands[i][0], commands[i][1]};
        struct ran *ran = run(words);
        cr_assert(ran->out[0] == '[' || ran->out[0] == '{', "%s: %s", words[1], ran->out);
        cr_assert(is_json(ran->out), "%s: %s", words[1], ran->out);
        cr_assert(strchr(ran->out, '\033') == NULL);
        free(ran);
    }
}

Test(program, exit_codes) {
    static const struct {
        const char *words[5];
        int status;
        const char *message;
    } cases[] = {
        {{"mount", "media"}, 0, ""},
        {{"unmount", "-f", "media"}, 0, ""},
        {{"status", "x"}, 5, "no mount 'x'"},
        {{"unmount", "media"}, 8, "files are open"},
        {{"reload"}, 7, "smbmounter: a.yaml:1:1: wrong\n  a.yaml:2:1: \\x1bworse\n"},
        {{"nonsense"}, 2, "unknown command"},
        {{"help", "nonsense"}, 2, "no command 'nonsense'"},
        {{"--socket", "/nonexistent", "status"}, 3, "is not running"},
        {{"help", "status"}, 0, ""},
        {{"--version"}, 0, ""},
        {{"version"}, 0, ""},
        {{NULL}, 2, "Usage:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ran *ran = run(cases[i].words);
        cr_assert_eq(ran->status, cases[i].status, "%s gave %d", cases[i].words[0], ran->status);
        contains(ran->err, cases[i].message);
        free(ran);
    }
}

Test(program, results_probes_plugins_stories) {
    struct ran *ran = run(WORDS("mount", "media"));
    cr_assert_str_eq(ran->out, "media is mounted (1.2 s)\n");
    cr_assert_str_empty(ran->err);
    free(ran);
    ran = run(WORDS("probe", "media"));
    contains(ran->out, "stat-timeout  healthy  3.2 ms  answered: EIO\n");
    free(ran);
    ran = run(WORDS("plugins"));
    contains(ran->out, "\n  bad magic\n");
    free(ran);
    ran = run(WORDS("plugins", "backoff"));
    contains(ran->out, "used by  1 mount\n");
    contains(ran->out, "timeout_ms");
    free(ran);
    ran = run(WORDS("why", "media"));
    contains(ran->out, "It began.\n\n");
    free(ran);
}

Test(program, a_terminal_has_color_unless_told_not_to) {
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    struct ran *ran = run_on_terminal(rig.path, 80, NULL, WORDS("status"));
    contains(ran->out, "\033[32mmounted\033[0m");
    free(ran);
    setenv("NO_COLOR", "1", 1);
    ran = run_on_terminal(rig.path, 80, NULL, WORDS("status"));
    cr_assert(strchr(ran->out, '\033') == NULL || strstr(ran->out, "\033[3") == NULL);
    free(ran);
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    ran = run_on_terminal(rig.path, 40, NULL, WORDS("status"));
    cr_assert(strchr(ran->out, '\033') == NULL, "%s", ran->out);
    contains(ran->out, "…");
    free(ran);
}

Test(program, progress_is_shown_on_a_terminal_only) {
    struct ran *ran = run_on_terminal(rig.path, 80, NULL, WORDS("mount", "media"));
    contains(ran->out, "\rresolving nas.local");
    contains(ran->out, "media is mounted (1.2 s)\r\n");
    free(ran);
    ran = run(WORDS("mount", "media"));
    cr_assert(strstr(ran->err, "resolving") == NULL);
    free(ran);
}

Test(program, following_events_until_the_daemon_ends) {
    struct ran *ran = run(WORDS("events", "--follow", "end"));
    cr_assert_eq(ran->status, 3, "%s", ran->err);
    contains(ran->err, "the daemon ended");
    contains(ran->out, "media  server  mute\\x1b\n");
    free(ran);
}

/* Ctrl-C is typed as soon as the last event was seen. */
Test(program, following_ends_cleanly_at_ctrl_c) {
    char command[512];
    snprintf(command, sizeof command, "%s", rig.path);
    FILE *out = tmpfile();
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fileno(out), 1);
        execl(CLI_PROGRAM, "smbmounter", "--socket", command, "--json", "events", "--follow",
              (char *)NULL);
        _exit(127);
    }
    char text[8192];
    size_t lines = 0;
    for (uint64_t end = clock_awake_ms() + 10000; lines < 4 && clock_awake_ms() < end;) {
        ssize_t got = pread(fileno(out), text, sizeof text - 1, 0);
        lines = 0;
        for (ssize_t i = 0; i < got; i++)
            lines += text[i] == '\n';
        usleep(5000);
    }
    cr_assert_eq(lines, 4);
    kill(pid, SIGINT);
    int status = 0;
    waitpid(pid, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
    fclose(out);
}

Test(program, a_stopped_daemon_is_told_within_three_seconds) {
    static const char *const commands[][3] = {{"status"}, {"mount", "media"}};
    kill(rig.pid, SIGSTOP);
    for (size_t i = 0; i < 2; i++) {
        struct ran *ran = run(commands[i]);
        cr_assert_eq(ran->status, 3);
        contains(ran->err, "is it stopped?");
        cr_assert_lt(ran->took_ms, 6000);
        free(ran);
    }
    kill(rig.pid, SIGCONT);
}

Test(local, commands_go_to_the_daemon_layer) {
    static const struct {
        const char *words[6], *out;
        int status;
    } cases[] = {
        {{"daemon", "--foreground", "--config", "/a"}, "daemon /a 0\n", 0},
        {{"daemon", "--any-namespace"}, "daemon /etc/smbmounter/smbmounter.yaml 1\n", 0},
        {{"check-config", "/a", "--json"}, "check-config /a 1\n", 7},
        {{"check-config"}, "check-config /etc/smbmounter/smbmounter.yaml 0\n", 7},
        {{"machine", "--dot"}, "machine 1\n", 0},
        {{"mount-helper"}, "mount-helper\n", 0},
        {{"setup", "--check", "x"}, "setup-check /etc/smbmounter/smbmounter.yaml x 0\n", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(cases[i].words[0], "setup") == 0 && geteuid() != 0)
            continue;
        struct ran *ran = run_program(NULL, "", cases[i].words);
        cr_assert_str_eq(ran->out, cases[i].out);
        cr_assert_eq(ran->status, cases[i].status);
        free(ran);
    }
}
