/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Lines of any bytes as user, domain, password and mount options: what is accepted comes back out
 * of the data string word for word, as the kernel reads it, and nosuid and nodev stand. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "config/mount_options.h"
#include "mount/cifs.h"

#define WORDS_MAX 16
#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Commas part words, two commas are one inside a word. False at the end. */
static bool next_word(const char **at, char *word) {
    if (*at == NULL)
        return false;
    for (; **at != '\0'; (*at)++) {
        if (**at == ',' && (*at)[1] != ',')
            break;
        if (**at == ',')
            (*at)++;
        *word++ = **at;
    }
    *word = '\0';
    *at = **at == ',' ? *at + 1 : NULL;
    return true;
}

static void check(const struct cifs_options *options, const struct secret *password) {
    char text[TEXT_MAX], word[TEXT_MAX], want[TEXT_MAX];
    const char *at = text;
    if ((options->ms_flags & (MS_NOSUID | MS_NODEV)) != (MS_NOSUID | MS_NODEV))
        abort();
    if (cifs_data_string(options, password, text, sizeof text, NULL) != 0)
        return;
    for (size_t i = 0; i < options->len; i++) {
        const struct cifs_option *o = &options->items[i];
        snprintf(want, sizeof want, "%s%s%s", o->key, o->flag ? "" : "=", o->value);
        if (mount_option_find(o->key, strlen(o->key)) == NULL && strcmp(o->key, "user") != 0 &&
            strcmp(o->key, "domain") != 0 && strcmp(o->key, "ip") != 0)
            abort();
        if (!next_word(&at, word) || strcmp(word, want) != 0)
            abort();
    }
    snprintf(want, sizeof want, "pass=%s", password->bytes);
    if (!next_word(&at, word) || strcmp(word, want) != 0 || at != NULL)
        abort();
}

/* A name instead of a number would ask the account databases. */
static bool asks_accounts(const char *word) {
    size_t len = strcspn(word, "=");
    const struct mount_option *row = mount_option_find(word, len);
    return row != NULL && row->kind == MOUNT_OPTION_ID &&
           (word[len] == '\0' || word[len + 1] < '0' || word[len + 1] > '9');
}

static void build(char **lines, size_t len) {
    static char empty[] = "", name[] = "m", server[] = "nas", share[] = "s";
    static struct cifs_options options;
    struct credentials credentials = {0};
    struct config_mount mount = {.name = name,
                                 .server = server,
                                 .share = share,
                                 .username = lines[0],
                                 .domain = lines[1],
                                 .local_user = empty};
    if (strlen(lines[0]) >= sizeof credentials.username ||
        strlen(lines[1]) >= sizeof credentials.domain || strlen(lines[2]) >= SECRET_MAX ||
        secret_alloc(&credentials.password, NULL) != 0)
        return;
    strcpy(credentials.username, lines[0]);
    strcpy(credentials.domain, lines[1]);
    strcpy(credentials.password.bytes, lines[2]);
    credentials.password.len = strlen(lines[2]);
    mount.options = (struct config_words){lines + 3, len - 3};
    if (cifs_build_options(&mount, "10.0.0.1", &options, NULL) == 0 &&
        cifs_add_login(&options, &mount, &credentials, NULL) == 0)
        check(&options, &credentials.password);
    credentials_wipe(&credentials);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char text[1024], *lines[WORDS_MAX], *at = text;
    size_t len = 0;
    if (size >= sizeof text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    while (at != NULL && len < WORDS_MAX) {
        char *line = strsep(&at, "\n");
        if (len >= 3 && asks_accounts(line))
            return 0;
        lines[len++] = line;
    }
    if (len >= 3)
        build(lines, len);
    return 0;
}
