/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * replay RUNS FOLDER...: a fuzz target without a fuzzer. It gets every file of the corpus, and then
 * RUNS mutations of them, the same in every run. A crash leaves its input on stderr.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 512
#define INPUT_MAX (256u * 1024u)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    uint8_t *bytes;
    size_t len;
};

static struct input corpus[FILES_MAX];
static size_t corpus_len;
static struct input last; /* for the handler */

static uint64_t next_random(uint64_t *state) {
    uint64_t x = *state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static size_t below(uint64_t *state, size_t limit) {
    return limit == 0 ? 0 : (size_t)(next_random(state) % limit);
}

/* In a copy of its exact size, so that a sanitizer sees the first byte too far. */
static void feed(const uint8_t *bytes, size_t len) {
    last.bytes = malloc(len > 0 ? len : 1);
    if (last.bytes == NULL)
        exit(2);
    memcpy(last.bytes, bytes, len);
    last.len = len;
    LLVMFuzzerTestOneInput(last.bytes, len);
    free(last.bytes);
    last = (struct input){0};
}

static void tell(int number) {
    static const char digits[] = "0123456789abcdef";
    char line[80];
    int len = snprintf(line, sizeof line, "replay: signal %d by this input of %zu bytes:\n", number,
                       last.len);
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)len);
    for (size_t i = 0; last.bytes != NULL && i < last.len && i < 4096; i++) {
        char hex[2] = {digits[last.bytes[i] >> 4], digits[last.bytes[i] & 15]};
        ignored = write(STDERR_FILENO, hex, sizeof hex);
    }
    ignored = write(STDERR_FILENO, "\n", 1);
    (void)ignored;
    signal(number, SIG_DFL);
    raise(number);
}

static void read_file(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(INPUT_MAX);
    if (file == NULL || bytes == NULL || corpus_len == FILES_MAX) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        exit(2);
    }
    corpus[corpus_len++] = (struct input){bytes, fread(bytes, 1, INPUT_MAX, file)};
    fclose(file);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* In the order of their names, whatever the file system has. */
static void read_folder(const char *folder) {
    struct dirent **names = NULL;
    int len = scandir(folder, &names, NULL, by_name);
    for (int i = 0; i < len; i++) {
        if (names[i]->d_name[0] != '.')
            read_file(folder, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}

/* One small change in place or in length. */
static size_t change(uint64_t *state, uint8_t *bytes, size_t len) {
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '\n', ' ', '"', ':', ',', '=', '\\'};
    size_t at = below(state, len + 1), rest = len - at;
    switch (below(state, 7)) {
    case 0:
        return at; /* cut */
    case 1:
        if (rest > 0)
            bytes[at] = (uint8_t)next_random(state);
        return len;
    case 2:
        if (rest > 0)
            bytes[at] ^= (uint8_t)(1u << below(state, 8));
        return len;
    case 3:
        if (rest > 0)
            bytes[at] = telling[below(state, sizeof telling)];
        return len;
    case 4: { /* take some out */
        size_t gone = below(state, rest < 16 ? rest : 16);
        memmove(bytes + at, bytes + at + gone, rest - gone);
        return len - gone;
    }
    case 5: { /* twice the same */
        size_t more = below(state, rest < 64 ? rest : 64);
        if (len + more > INPUT_MAX)
            return len;
        memmove(bytes + at + more, bytes + at, rest);
        return len + more;
    }
    default: { /* a piece of another input */
        const struct input *other = &corpus[below(state, corpus_len)];
        size_t from = below(state, other->len + 1), some = below(state, other->len - from + 1);
        if (at + some > INPUT_MAX)
            return len;
        memcpy(bytes + at, other->bytes + from, some);
        return at + some > len ? at + some : len;
    }
    }
}

static void mutate(size_t run, uint8_t *bytes) {
    uint64_t state = run;
    const struct input *base = &corpus[below(&state, corpus_len)];
    size_t len = base->len, changes = 1 + below(&state, 4);
    memcpy(bytes, base->bytes, len);
    for (size_t i = 0; i < changes; i++)
        len = change(&state, bytes, len);
    feed(bytes, len);
}

int main(int argc, char **argv) {
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    uint8_t *bytes = malloc(INPUT_MAX);
    for (int i = 2; i < argc; i++)
        read_folder(argv[i]);
    if (bytes == NULL || corpus_len == 0) {
        fprintf(stderr, "usage: replay RUNS FOLDER...; no file of a corpus was found\n");
        return 2;
    }
    signal(SIGABRT, tell);
    signal(SIGSEGV, tell);
    feed(bytes, 0);
    for (size_t i = 0; i < corpus_len; i++)
        feed(corpus[i].bytes, corpus[i].len);
    for (size_t i = 0; i < runs; i++)
        mutate(i, bytes);
    printf("%zu files and %zu mutations of them\n", corpus_len, runs);
    for (size_t i = 0; i < corpus_len; i++)
        free(corpus[i].bytes);
    free(bytes);
    return 0;
}
