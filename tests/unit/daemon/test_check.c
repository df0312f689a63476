/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* check-config and setup --check, which read configuration and plugins as the daemon would. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/entry.h"
#include "daemon/setup_load.h"
#include "fail.h"
#include "start_rig.h"

static char printed[65536];
static struct err err;

TestSuite(check, .init = start_rig_begin, .fini = start_rig_end, .timeout = 110);

/* What a command prints; its exit status. */
static int command_of(int (*command)(void)) {
    char path[RIG_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/printed", folder);
    fflush(stdout);
    int kept[2] = {dup(1), dup(2)};
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    int status = command();
    fflush(stdout);
    dup2(kept[0], 1);
    dup2(kept[1], 2);
    close(kept[0]);
    close(kept[1]);
    ssize_t n = pread(fd, printed, sizeof printed - 1, 0);
    printed[n > 0 ? n : 0] = '\0';
    close(fd);
    return status;
}

static const char *path_given;

static int text(void) {
    return check_config_main(path_given, false);
}

static int json(void) {
    return check_config_main(path_given, true);
}

static int check(int (*how)(void)) {
    path_given = config_path;
    return command_of(how);
}

static void prints(const char *words) {
    cr_assert_not_null(strstr(printed, words), "'%s' in:\n%s", words, printed);
}

Test(check, a_good_one_is_counted) {
    char words[RIG_PATH_MAX + 64];
    cr_assert_eq(check(text), 0);
    snprintf(words, sizeof words, "%s: no errors, 1 mount\n", config_path);
    cr_assert_str_eq(printed, words);
    cr_assert_eq(check(json), 0);
    cr_assert_str_eq(printed, "{\"ok\": true, \"mounts\": 1, \"problems\": []}\n");
    configure(DEFAULTS, MOUNT "- {name: b, server: nas, share: b, mountpoint: /mnt/b}\n");
    cr_assert_eq(check(text), 0);
    prints("no errors, 2 mounts\n");
}

Test(check, every_mistake_has_its_place) {
    configure(DEFAULTS, "- {name: a, server: nas, sahre: \"a\\\"b\"}\n");
    cr_assert_eq(check(text), 7);
    prints("/config.yaml:6:");
    prints("sahre");
    prints("mountpoint is missing");
    cr_assert_eq(check(json), 7);
    prints("{\"ok\": false, \"mounts\": 0, \"problems\": [\"/");
    prints("\", \"/");
    prints("mountpoint is missing");
    cr_assert_str_eq(printed + strlen(printed) - 4, "\"]}\n");
}

Test(check, more_mistakes_than_anybody_reads_are_counted) {
    char many[16384] = "";
    for (int i = 0; i < 300; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), "- {nmae: m%d}\n", i);
    configure(DEFAULTS, many);
    cr_assert_eq(check(text), 7);
    prints(" more\n");
}

Test(check, what_is_no_yaml_is_told) {
    configure("]\n", "");
    cr_assert_eq(check(text), 7);
    prints("/config.yaml:4:");
    cr_assert_eq(chmod(config_path, 0666), 0);
    cr_assert_eq(check(text), 7);
    prints("writable by");
    cr_assert_eq(unlink(config_path), 0);
    cr_assert_eq(check(text), 7);
    prints("No such file or directory");
}

Test(check, a_plugin_that_is_missing_or_broken_is_told) {
    char path[RIG_PATH_MAX + 32];
    configure("defaults: {probes: [nobody], recovery: [decide]}\n", MOUNT);
    cr_assert_eq(check(text), 7);
    prints("no such plugin in /");
    snprintf(path, sizeof path, "%s/plugins/healthy.so", folder);
    cr_assert_eq(chmod(path, 0666), 0);
    configure(DEFAULTS, MOUNT);
    cr_assert_eq(check(text), 7);
    prints("healthy.so cannot be loaded: healthy.so: ");
    snprintf(path, sizeof path, "%s/plugins", folder);
    cr_assert_eq(chmod(path, 0777), 0);
    cr_assert_eq(check(text), 7);
    prints("the plugin folder cannot be used: ");
}

Test(check, a_path_from_where_the_command_was_given) {
    cr_assert_eq(chdir(folder), 0);
    path_given = "config.yaml";
    cr_assert_eq(command_of(text), 0);
    path_given = "missing.yaml";
    cr_assert_eq(command_of(text), 7);
    prints("missing.yaml");
    cr_assert_eq(chdir("/"), 0);
}

Test(check, without_the_plugin_host_nothing_can_be_checked) {
    start_rig_self = NULL;
    cr_assert_eq(check(text), 1);
    cr_assert_str_eq(printed, "smbmounter: cannot find my own program file\n");
}

Test(check, one_mount_for_setup) {
    struct config_mount mount;
    cr_assert_eq(setup_load_mount(config_path, "a", &mount, &err), 0, "%s", err.text);
    cr_assert_str_eq(mount.share, "a");
    config_mount_finish(&mount);
    cr_assert_eq(setup_load_mount(config_path, "b", &mount, &err), -ESRCH);
    cr_assert_not_null(strstr(err.text, "no mount 'b' in /"), "%s", err.text);
    configure(DEFAULTS, "- {nmae: a}\n- {nmae: b}\n");
    cr_assert_eq(setup_load_mount(config_path, "a", &mount, &err), -EINVAL);
    cr_assert_null(strchr(err.text, '\n'), "the first mistake: %s", err.text);
    start_rig_self = NULL;
    cr_assert_eq(setup_load_mount(config_path, "a", &mount, &err), -ENOENT);
}

/* Each call failing once: it is read, or there is a reason why not; never half of it. */
Test(check, without_memory_nothing_is_half_read) {
    const char *call;
    long n = 0, failures = 0;
    do {
        struct setup_load load = {0};
        err.text[0] = '\0';
        fail_after(n++);
        int rc = setup_load(config_path, &load, &err);
        call = fail_end();
        bool well = rc == 0 && load.problems[0] == '\0';
        cr_assert(rc == 0 || err.text[0] != '\0', "call %ld (%s)", n, call);
        cr_assert_eq(load.loaded.config.mounts_len, load.loaded.registry != NULL ? 1 : 0);
        cr_assert(rc != 0 || well == (load.loaded.registry != NULL), "call %ld (%s)", n, call);
        failures += !well;
        setup_load_finish(&load);
    } while (call != NULL);
    cr_assert_gt(failures, 20);
}

static const char *name_given;

static int setup_text(void) {
    return setup_check_main(path_given, name_given, false);
}

static int setup_json(void) {
    return setup_check_main(path_given, name_given, true);
}

static int setup(const char *name, int (*how)(void)) {
    name_given = name;
    return check(how);
}

/* One that has all it needs here, but cifs: a command. */
static void configure_command(const char *path) {
    char mount[RIG_PATH_MAX * 2 + 256];
    snprintf(mount, sizeof mount,
             "- {name: a, mounter: command, mountpoint: %s, fstype: tmpfs, "
             "mount_command: [/bin/mount, -t, tmpfs, a, %s]}\n",
             path, path);
    configure(DEFAULTS, mount);
}

Test(check, setup_says_what_stands_in_the_way) {
    char path[RIG_PATH_MAX + 16], inside[RIG_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/m", folder);
    snprintf(inside, sizeof inside, "%s/file", path);
    configure_command(path);
    setup("a", setup_text);
    prints("ok   the configuration is valid: /");
    prints("is missing; the daemon makes it if the folder above is root's alone");
    cr_assert_eq(mkdir(path, 0755), 0);
    setup("a", setup_text);
    prints("ok   the mountpoint exists: /");
    close(open(inside, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    cr_assert_eq(setup("a", setup_text), 1);
    prints("BAD  the mountpoint is empty: there are files in /");
    prints("checks need your hand.");
    cr_assert_eq(setup("a", setup_json), 1);
    prints("{\"ok\": false, \"checks\": [{\"ok\": true, \"check\": \"the configuration is valid\"");
    unlink(inside);
    rmdir(path);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    setup("a", setup_text);
    prints("BAD  the mountpoint: ");
    configure_command("/proc");
    setup("a", setup_text);
    prints("BAD  the mountpoint is free: proc from ");
}

Test(check, setup_names_what_is_missing_of_a_share) {
    char path[RIG_PATH_MAX + 32];
    configure("defaults: {probes: [healthy], recovery: [decide], "
              "credential: {file: /no/such/file}}\n",
              MOUNT);
    rig_add(folder, "no-symbol", "plugins/broken");
    cr_assert_eq(setup("a", setup_text), 1);
    prints("BAD  the credential can be read: ");
    prints("BAD  the plugins are trusted and load: broken.so: ");
    prints(" the kernel knows cifs");
    cr_assert_eq(setup("b", setup_text), 5);
    prints("no mount 'b' in /");
    snprintf(path, sizeof path, "%s/plugins/broken.so", folder);
    unlink(path);
    configure(DEFAULTS, "- {nmae: a}\n");
    cr_assert_eq(setup("a", setup_json), 1);
    prints(
        "{\"ok\": false, \"checks\": [{\"ok\": false, \"check\": \"the configuration is valid\"");
    start_rig_self = NULL;
    cr_assert_eq(setup("a", setup_text), 1);
    prints("cannot find my own program file");
}

static int machine_text(void) {
    return machine_main(false);
}

static int machine_dot(void) {
    return machine_main(true);
}

Test(check, the_machine_is_described) {
    cr_assert_eq(command_of(machine_text), 0);
    prints("unmounted");
    cr_assert_eq(command_of(machine_dot), 0);
    cr_assert_eq(strncmp(printed, "digraph", 7), 0);
}
