/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The example that people start from: it must be right, also with its comments taken away. */
#include <ctype.h>
#include <stdio.h>

#include "built.h"

static char text[64 * 1024];
static size_t text_len;

static void load(void) {
    FILE *file = fopen(EXAMPLE, "re");
    cr_assert_not_null(file, "%s", EXAMPLE);
    text_len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    cr_assert(text_len > 1000 && text_len < sizeof text - 1);
}

/* "  # key: value" has a key in it; a sentence has not. */
static char *commented_key(char *line) {
    char *mark = line + strspn(line, " ");
    if (mark[0] != '#' || mark[1] != ' ' || !islower((unsigned char)mark[2]))
        return NULL;
    size_t word = strspn(mark + 2, "abcdefghijklmnopqrstuvwxyz_");
    return mark[2 + word] == ':' ? mark : NULL;
}

Test(config_example, builds_as_it_is, .init = load) {
    struct built b = build_good(text);
    cr_assert_eq(b.config.mounts_len, 1);
    drop(&b);
}

Test(config_example, gives_the_defaults, .init = load) {
    struct built b = build_good(text);
    struct built bare = build_good("mounts:\n- {name: media, server: nas.local, share: media, "
                                   "mountpoint: /mnt/media, username: floof}\n");
    const struct config *x = &b.config, *y = &bare.config;
    struct config_mount *m = &b.config.mounts[0];
    cr_assert_str_eq(x->socket, y->socket);
    cr_assert_str_eq(x->admin_group, y->admin_group);
    cr_assert_str_eq(x->plugin_directory, y->plugin_directory);
    cr_assert_str_eq(x->runtime_directory, y->runtime_directory);
    cr_assert(x->max_hosts == y->max_hosts && x->log_level == y->log_level &&
              x->on_stop == y->on_stop);
    /* The example writes nodev and nosuid out, which are always on. */
    cr_assert_eq(m->options.len, y->mounts[0].options.len + 2);
    struct config_words options = m->options;
    m->options = y->mounts[0].options;
    cr_assert_eq(config_compare(m, &y->mounts[0]), CONFIG_SAME);
    m->options = options;
    drop(&b);
    drop(&bare);
}

Test(config_example, each_commented_key_is_right, .init = load) {
    unsigned tried = 0;
    for (char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n' ? 1 : 0;
        char *mark = commented_key(line);
        if (mark == NULL || strncmp(mark, "# credential: {keychain", 23) == 0)
            continue;
        memmove(mark, mark + 2, strlen(mark + 2) + 1);
        struct built b = build_good(text);
        drop(&b);
        load();
        tried++;
    }
    cr_assert_geq(tried, 7);
}

Test(config_example, the_commented_mounts_are_right, .init = load) {
    for (char *line = strstr(text, "\nmounts:"); line != NULL; line = strchr(line + 1, '\n')) {
        bool first = strncmp(line, "\n  # - name:", 12) == 0;
        if (first || strncmp(line, "\n  #   ", 7) == 0)
            memmove(line + 3, line + 5, strlen(line + 5) + 1);
    }
    struct built b = build_good(text);
    cr_assert_eq(b.config.mounts_len, 3);
    cr_assert_eq(config_find(&b.config, "notes")->mounter, CONFIG_COMMAND);
    cr_assert_eq(config_find(&b.config, "backup")->idle_unmount_ms, 30u * 60 * 1000);
    drop(&b);
}

Test(config_example, names_every_key, .init = load) {
    extern const struct smbm_option keys_top[], keys_control[], keys_plugins[], keys_credential[],
        keys_defaults[], keys_mount[];
    const struct smbm_option *tables[] = {keys_top,        keys_control,  keys_plugins,
                                          keys_credential, keys_defaults, keys_mount};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const struct smbm_option *row = tables[i]; row->name != NULL; row++) {
            char key[64];
            snprintf(key, sizeof key, "%s:", row->name);
            cr_expect(strstr(text, key) != NULL, "%s", row->name);
        }
}

/* A file that was cut while it was written: refused or built, never a crash or a leak. */
Test(config_example, cut_at_every_byte, .init = load) {
    for (size_t len = 0; len < text_len; len++) {
        struct built b = build(text, len);
        cr_assert(b.rc == 0 ? b.problems.len == 0 : b.rc == -EINVAL && b.problems.len > 0, "%zu",
                  len);
        drop(&b);
    }
}
