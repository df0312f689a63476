/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * killer CONFIG SOCKET KILLS SEED: keeps a daemon on the mounts below /mnt: those whose name begins
 * with q are left in peace, those that begin with b are torn away, mounted, unmounted and reloaded
 * all the time. SIGKILL hits the daemon, a plugin host or a mount helper at random moments. At all
 * times a mountpoint has at most one mount; the quiet mounts are the same ones from beginning to
 * end; a new daemon has adopted them in a moment; at the end every mount is there, once.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define MOUNTS_MAX 16
#define STATUS_MS 10000
#define SETTLE_S 90

enum victim { DAEMON, HOST, HELPER, VICTIMS };
static const char *const victim_names[] = {"daemon", "host", "helper"};

struct place {
    char name[32], path[64];
    bool quiet;
    int count; /* mounts there now */
    char id[32], first_id[32];
};

static struct place places[MOUNTS_MAX];
static size_t places_len;
static const char *config, *control;
static pid_t daemon_pid;
static unsigned kills[VICTIMS], broken, late, starts;
static uint64_t *adoptions;
static unsigned adoptions_len;

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void sleep_us(unsigned long us) {
    nanosleep(&(struct timespec){.tv_sec = (time_t)(us / 1000000),
                                 .tv_nsec = (long)(us % 1000000) * 1000},
              NULL);
}

static void blame(const char *what, const char *where) {
    unsigned total = kills[DAEMON] + kills[HOST] + kills[HELPER];
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    printf("not ok - after %u kills: %s: %s (at %02d:%02d.%03d)\n", total, where, what,
           (int)(t.tv_sec / 60 % 60), (int)(t.tv_sec % 60), (int)(t.tv_nsec / 1000000));
    broken++;
}

static void find_places(void) {
    DIR *dir = opendir("/mnt");
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strchr("bq", entry->d_name[0]) == NULL || places_len == MOUNTS_MAX)
            continue;
        struct place *place = &places[places_len++];
        snprintf(place->name, sizeof place->name, "%.31s", entry->d_name);
        snprintf(place->path, sizeof place->path, "/mnt/%.31s", entry->d_name);
        place->quiet = entry->d_name[0] == 'q';
    }
    if (dir != NULL)
        closedir(dir);
}

/* What the kernel shows; the promises that hold at all times. */
static void look(void) {
    static char line[4096];
    char id[32], at[1024];
    FILE *file = fopen("/proc/self/mountinfo", "r");
    if (file == NULL)
        return;
    for (size_t i = 0; i < places_len; i++)
        places[i].count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%31s %*s %*s %*s %1023s", id, at) != 2)
            continue;
        for (size_t i = 0; i < places_len; i++)
            if (strcmp(places[i].path, at) == 0) {
                places[i].count++;
                memcpy(places[i].id, id, sizeof id);
            }
    }
    fclose(file);
    for (size_t i = 0; i < places_len; i++) {
        struct place *p = &places[i];
        if (p->count > 1)
            blame("mounted twice", p->path);
        if (p->quiet && p->first_id[0] != '\0' &&
            (p->count != 1 || strcmp(p->id, p->first_id) != 0))
            blame("a healthy mount was lost or made anew", p->path);
    }
}

static pid_t start(const char *verb, const char *argument) {
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDOUT_FILENO);
        if (strcmp(verb, "daemon") != 0)
            dup2(null, STDERR_FILENO);
        if (strcmp(verb, "daemon") == 0)
            execlp("smbmounter", "smbmounter", "daemon", "--config", config, (char *)NULL);
        execlp("smbmounter", "smbmounter", verb, argument, (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Which of the quiet mounts the daemon calls mounted; -1 without an answer. */
static int quiet_mounted(void) {
    struct client client;
    struct control_response response = {0};
    struct err err;
    int count = -1;
    const struct client_call call = {.method = "status", .limit_ms = STATUS_MS};
    enum control_error rc = client_connect(&client, control, CLIENT_ANSWER_MS, &err);
    if (rc == CONTROL_OK)
        rc = client_call(&client, &call, &response, &err);
    for (size_t i = 0; rc == CONTROL_OK && i < response.sections_len; i++) {
        const struct status_view *rows = response.sections[i].rows;
        count = 0;
        for (size_t k = 0; k < response.sections[i].rows_len; k++)
            count += rows[k].name[0] == 'q' && strcmp(rows[k].state, "mounted") == 0;
    }
    control_response_finish(&response);
    client_disconnect(&client);
    return count;
}

static int quiet_places(void) {
    int count = 0;
    for (size_t i = 0; i < places_len; i++)
        count += places[i].quiet;
    return count;
}

/* From the start of a daemon until it knows all quiet mounts. False: not in a long time. */
static bool await_adoption(uint64_t began) {
    while (now_us() - began < 30000000u) {
        if (quiet_mounted() == quiet_places())
            return true;
        sleep_us(2000);
    }
    return false;
}

static void start_daemon(bool counts) {
    uint64_t began = now_us();
    daemon_pid = start("daemon", NULL);
    starts++;
    if (!await_adoption(began)) {
        blame("the daemon does not come to its mounts", "status");
        late++;
    } else if (counts) {
        adoptions[adoptions_len++] = now_us() - began;
    }
    look();
}

/* A random process whose command line begins so; 0: there is none. */
static pid_t find(const char *program, const char *word) {
    pid_t found = 0;
    unsigned count = 0;
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        char name[300], words[512] = "";
        snprintf(name, sizeof name, "/proc/%s/cmdline", entry->d_name);
        FILE *file = entry->d_name[0] >= '1' && entry->d_name[0] <= '9' ? fopen(name, "r") : NULL;
        if (file == NULL)
            continue;
        size_t len = fread(words, 1, sizeof words - 1, file);
        fclose(file);
        size_t first = strlen(words), want = strlen(program);
        bool same = first >= want && strcmp(words + first - want, program) == 0 &&
                    (word == NULL || (len > first && strcmp(words + first + 1, word) == 0));
        if (same && rand() % (int)++count == 0)
            found = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    if (proc != NULL)
        closedir(proc);
    return found;
}

static void reap(void) {
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

static const struct place *busy_place(void) {
    const struct place *place;
    do
        place = &places[(size_t)rand() % places_len];
    while (place->quiet);
    return place;
}

static void disturb(void) {
    const struct place *place = busy_place();
    switch (rand() % 8) {
    case 0:
    case 1:
        umount2(place->path, MNT_DETACH);
        break;
    case 2:
    case 3:
        start("unmount", place->name);
        break;
    case 4:
    case 5:
        start("mount", place->name);
        break;
    case 6: {
        pid_t server = find("/testfs", place->name);
        if (server > 0)
            kill(server, SIGKILL);
        break;
    }
    default:
        start("reload", NULL);
    }
}

/* Helpers live for some milliseconds only: wait for one, and for a moment of its life. */
static pid_t find_helper(void) {
    pid_t pid = 0;
    for (int i = 0; i < 50 && pid == 0; i++) {
        pid = find("smbmounter", "mount-helper");
        if (pid == 0)
            sleep_us(1000);
    }
    sleep_us((unsigned long)rand() % 8000);
    return pid;
}

static void strike(void) {
    enum victim victim = (enum victim)(rand() % VICTIMS);
    pid_t pid = victim == HOST     ? find("/smbmounter-plugin-host", NULL)
                : victim == HELPER ? find_helper()
                                   : daemon_pid;
    if (pid == 0) {
        victim = DAEMON;
        pid = daemon_pid;
    }
    kills[victim]++;
    kill(pid, SIGKILL);
    if (victim == DAEMON) {
        waitpid(daemon_pid, NULL, 0);
        look();
        start_daemon(true);
    }
}

static bool all_mounted(void) {
    look();
    for (size_t i = 0; i < places_len; i++)
        if (places[i].count != 1)
            return false;
    return true;
}

static bool begin(void) {
    uint64_t began = now_us();
    daemon_pid = start("daemon", NULL);
    while (!all_mounted() || quiet_mounted() != quiet_places()) {
        if (now_us() - began > 60000000u)
            return false;
        sleep_us(10000);
    }
    for (size_t i = 0; i < places_len; i++)
        if (places[i].quiet)
            memcpy(places[i].first_id, places[i].id, sizeof places[i].id);
    return true;
}

/* Unmounted by hand stays unmounted: so ask for each, until all are there. */
static void end(void) {
    uint64_t began = now_us();
    while (!all_mounted() && now_us() - began < SETTLE_S * 1000000ull) {
        for (size_t i = 0; i < places_len; i++)
            if (places[i].count == 0)
                waitpid(start("mount", places[i].name), NULL, 0);
        sleep_us(100000);
    }
    for (size_t i = 0; i < places_len; i++)
        if (places[i].count != 1)
            blame("does not come back", places[i].path);
    kill(daemon_pid, SIGTERM);
    waitpid(daemon_pid, NULL, 0);
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void report(void) {
    printf("# killed:");
    for (size_t i = 0; i < VICTIMS; i++)
        printf(" %s %u", victim_names[i], kills[i]);
    qsort(adoptions, adoptions_len, sizeof *adoptions, by_size);
    if (adoptions_len > 0)
        printf("\n# from the start of a daemon to all mounts adopted: median %u ms, 99 %% %u ms, "
               "worst %u ms\n",
               (unsigned)(adoptions[adoptions_len / 2] / 1000),
               (unsigned)(adoptions[adoptions_len * 99 / 100] / 1000),
               (unsigned)(adoptions[adoptions_len - 1] / 1000));
}

int main(int argc, char **argv) {
    unsigned wanted = argc == 5 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
    adoptions = calloc(wanted + 1, sizeof *adoptions);
    if (wanted == 0 || adoptions == NULL) {
        fprintf(stderr, "usage: killer CONFIG SOCKET KILLS SEED\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    config = argv[1];
    control = argv[2];
    srand((unsigned)strtoul(argv[4], NULL, 10));
    find_places();
    if (!begin()) {
        printf("not ok - the mounts come up\n");
        return 1;
    }
    while (kills[DAEMON] + kills[HOST] + kills[HELPER] < wanted && broken < 20) {
        disturb();
        sleep_us((unsigned long)rand() % 30000);
        look();
        strike();
        reap();
    }
    end();
    for (size_t i = 0; i < VICTIMS; i++)
        if (kills[i] == 0)
            blame("was never killed", victim_names[i]);
    report();
    return broken == 0 ? 0 : 1;
}
