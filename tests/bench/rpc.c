/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* bench-rpc SOCKET METHOD CALLS: how long a call takes, over one connection. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client.h"

static uint64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int by_size(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Time of one call; 0 when it failed. */
static uint64_t measure(struct client *client, const struct client_call *call) {
    struct control_response response = {0};
    struct err err = {0};
    uint64_t began = now_us();
    enum control_error rc = client_call(client, call, &response, &err);
    uint64_t took = now_us() - began;
    control_response_finish(&response);
    if (rc == CONTROL_OK)
        return took > 0 ? took : 1;
    fprintf(stderr, "bench-rpc: %s: %s\n", call->method, err.text);
    return 0;
}

static void show(const char *method, uint64_t *took, size_t calls) {
    qsort(took, calls, sizeof *took, by_size);
    printf("%s: %zu calls, median %llu us, 99%% %llu us, worst %llu us\n", method, calls,
           (unsigned long long)took[calls / 2], (unsigned long long)took[calls * 99 / 100],
           (unsigned long long)took[calls - 1]);
}

int main(int argc, char **argv) {
    struct client client;
    struct err err = {0};
    size_t calls = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    uint64_t *took = calls > 0 ? calloc(calls, sizeof *took) : NULL;
    if (took == NULL) {
        fprintf(stderr, "usage: bench-rpc SOCKET METHOD CALLS\n");
        return 2;
    }
    struct client_call call = {.method = argv[2], .limit_ms = 10000};
    int status = 0;
    if (client_connect(&client, argv[1], CLIENT_ANSWER_MS, &err) != CONTROL_OK) {
        fprintf(stderr, "bench-rpc: %s\n", err.text);
        status = 1;
    }
    for (size_t i = 0; i < calls && status == 0; i++) {
        took[i] = measure(&client, &call);
        status = took[i] == 0;
    }
    client_disconnect(&client);
    if (status == 0)
        show(argv[2], took, calls);
    free(took);
    return status;
}
