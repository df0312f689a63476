/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "daemon/entry.h"
#include "mount/credentials.h"
#include "os/os.h"
#include "prompt.h"

#define TRIES 3

/* Why there is nothing to ask for, or NULL. */
static const char *no_need(enum config_credential credential) {
    switch (credential) {
    case CONFIG_CREDENTIAL_GUEST:
        return "it is a guest mount, which needs no password";
    case CONFIG_CREDENTIAL_SYSTEMD:
        return "its password comes from systemd: store it with systemd-creds, and name it with "
               "LoadCredential= in a drop-in of smbmounter.service";
    case CONFIG_CREDENTIAL_COMMAND:
        return "its password comes from the command in its 'credential' setting";
    case CONFIG_CREDENTIAL_FILE:
    case CONFIG_CREDENTIAL_KEYCHAIN:
        break;
    }
    return NULL;
}

static int ask_username(const struct config_mount *mount, char *username, size_t size,
                        struct err *err) {
    size_t len = strlen(mount->username);
    if (len > 0 && len < size) {
        memcpy(username, mount->username, len + 1);
        return 0;
    }
    if (isatty(STDIN_FILENO) != 1)
        return err_set(err, EINVAL,
                       "the mount has no 'username' in the configuration: add it, or run this "
                       "in a terminal");
    int rc = prompt_line("User name: ", true, username, size, &len, err);
    if (rc == 0 && len == 0)
        rc = err_set(err, EINVAL, "the user name is empty; nothing is stored");
    return rc;
}

/* The password is fed to secret in place. From a pipe it is read once. */
static int ask_password(const char *name, struct secret *secret, struct err *err) {
    char question[CONFIG_NAME_MAX + 32];
    size_t size = secret->mapped < SECRET_MAX + 1 ? secret->mapped : SECRET_MAX + 1;
    struct secret again = {0};
    snprintf(question, sizeof question, "Password for '%s': ", name);
    int rc = prompt_line(question, false, secret->bytes, size, &secret->len, err);
    if (rc == 0 && secret->len == 0)
        rc = err_set(err, EINVAL,
                     "the password is empty; for a share without one set "
                     "'credential: guest'. Nothing is stored");
    if (rc < 0 || isatty(STDIN_FILENO) != 1)
        return rc;
    rc = secret_alloc(&again, err);
    if (rc == 0)
        rc = prompt_line("Again: ", false, again.bytes, size, &again.len, err);
    if (rc == 0 && (again.len != secret->len || memcmp(again.bytes, secret->bytes, again.len) != 0))
        rc = err_set(err, EAGAIN, "the two are not the same; nothing is stored");
    secret_wipe(&again);
    return rc;
}

static int ask_and_store(const struct config_mount *mount, struct err *err) {
    char username[CONFIG_USER_MAX];
    struct secret secret = {0};
    int rc = ask_username(mount, username, sizeof username, err);
    if (rc == 0)
        rc = secret_alloc(&secret, err);
    for (int i = 0; rc == 0 && i < TRIES; i++) {
        rc = ask_password(mount->name, &secret, err);
        if (rc != -EAGAIN || i + 1 == TRIES)
            break;
        fprintf(stderr, "The two are not the same; once more.\n");
        rc = 0;
    }
    if (rc == 0)
        rc = credentials_store(mount, username, &secret, err);
    secret_wipe(&secret);
    return rc;
}

static int store(const struct cli *cli, const struct config_mount *mount) {
    struct err err = {0};
    const char *reason = no_need(mount->credential);
    if (reason != NULL) {
        err_set(&err, EINVAL, "setup: mount '%s': %s", mount->name, reason);
        return cli_fail(cli, CONTROL_FAILED, err.text);
    }
    if (ask_and_store(mount, &err) < 0) {
        err_wrap(&err, "setup: mount '%s'", mount->name);
        return cli_fail(cli, CONTROL_FAILED, err.text);
    }
    if (!cli->json)
        fprintf(cli->screen.out, "Stored%s%s, readable by root only.\nNow: smbmounter mount %s\n",
                mount->credential_path[0] != '\0' ? " in " : "", mount->credential_path,
                mount->name);
    return control_error_status(CONTROL_OK);
}

static enum control_error load_error(int rc) {
    return rc == -ESRCH ? CONTROL_NO_MOUNT : rc == -EINVAL ? CONTROL_BAD_CONFIG : CONTROL_FAILED;
}

int setup_run(const struct cli *cli) {
    const char *name = args_get(&cli->args, "NAME");
    const char *path = args_get(&cli->args, "--config");
    struct config_mount mount = {0};
    struct err err = {0};
    if (path == NULL)
        path = SMBMOUNTER_CONFIG_FILE;
    if (geteuid() != 0) {
        err_set(&err, EPERM, "setup needs root: sudo smbmounter setup %s%s",
                args_get(&cli->args, "--check") != NULL ? "--check " : "", name);
        return cli_fail(cli, CONTROL_DENIED, err.text);
    }
    os_harden(STDERR_FILENO); /* before there is a password in its memory */
    if (args_get(&cli->args, "--check") != NULL)
        return setup_check_main(path, name, cli->json);
    int rc = setup_load_mount(path, name, &mount, &err);
    if (rc < 0)
        return cli_fail(cli, load_error(rc), err.text);
    int status = store(cli, &mount);
    config_mount_finish(&mount);
    return status;
}
