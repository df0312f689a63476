/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What the program calls outside its own folder, faked: each says what it was called with. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif
#include <sys/resource.h>

#include "control/membership.h"
#include "daemon/entry.h"
#include "mount/credentials.h"
#include "mount/helper.h"

int daemon_main(const char *config_path, bool any_namespace) {
    printf("daemon %s %d\n", config_path, any_namespace);
    return 0;
}

int check_config_main(const char *path, bool json) {
    printf("check-config %s %d\n", path, json);
    return 7;
}

int setup_check_main(const char *config_path, const char *name, bool json) {
    printf("setup-check %s %s %d\n", config_path, name, json);
    return 1;
}

int machine_main(bool dot) {
    printf("machine %d\n", dot);
    return 0;
}

int helper_main(void) {
    printf("mount-helper\n");
    return 0;
}

/* "guest", "ask" (no user name configured), "plain" exist. The credential path is $STUB_STORE. */
int setup_load_mount(const char *config_path, const char *name, struct config_mount *mount,
                     struct err *err) {
    if (strcmp(config_path, "/broken.yaml") == 0)
        return err_set(err, EINVAL, "%s:1:1: mounts: must be a list", config_path);
    if (strcmp(name, "guest") != 0 && strcmp(name, "ask") != 0 && strcmp(name, "plain") != 0)
        return err_set(err, ESRCH, "no mount '%s' in %s", name, config_path);
    const char *store = getenv("STUB_STORE");
    *mount = (struct config_mount){
        .name = strdup(name),
        .username = strdup(strcmp(name, "plain") == 0 ? "floof" : ""),
        .credential_path = strdup(store != NULL ? store : ""),
        .credential = strcmp(name, "guest") == 0 ? CONFIG_CREDENTIAL_GUEST : CONFIG_CREDENTIAL_FILE,
    };
    return 0;
}

void config_mount_finish(struct config_mount *mount) {
    free(mount->name);
    free(mount->username);
    free(mount->credential_path);
}

/* A core file of what asks for a password would have it. */
static bool is_hardened(void) {
    struct rlimit core;
#if defined(__linux__)
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        return false;
#endif
    return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0;
}

int secret_alloc(struct secret *secret, struct err *err) {
    if (!is_hardened())
        return err_set(err, EPERM, "the process was not hardened");
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return err_sys(err, errno, "mmap");
    *secret = (struct secret){.bytes = page, .mapped = 4096};
    return 0;
}

void secret_wipe(struct secret *secret) {
    if (secret->bytes != NULL)
        munmap(secret->bytes, secret->mapped);
    *secret = (struct secret){0};
}

int credentials_store(const struct config_mount *mount, const char *username,
                      const struct secret *password, struct err *err) {
    FILE *file = fopen(mount->credential_path, "w");
    if (file == NULL)
        return err_sys(err, errno, "cannot write '%s'", mount->credential_path);
    fprintf(file, "%s\n", username);
    fwrite(password->bytes, 1, password->len, file);
    fclose(file);
    return 0;
}

int membership_main(const char *uid, const char *gid) {
    (void)uid, (void)gid;
    return 0;
}
