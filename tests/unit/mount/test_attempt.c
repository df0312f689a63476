/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Mounting with cifs, and what is made of the kernel's answers: the kernel is made up. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mount/accounts.h"
#include "mount/cifs.h"
#include "os/os.h"
#include "os/os_cifs.h"
#include "place.h"
#include "stage.h"

/* What the kernel does. The helper is a child: what it was asked is appended to ASKED. */
#define ASKED "/run/asked"
#define ORDER "/run/order" /* of the password and of questions to the database of users */
static struct {
    int create, attach, old; /* 0 or -errno */
    int without_charset;     /* create, when iocharset is not among the options; 1: as create */
    const char *log, *status;
    bool unreadable, of_others; /* the kernel log */
    const char *shown;          /* a line of the mount table once it was mounted */
    bool mounted_meanwhile;     /* the line is there after create */
    void (*meanwhile)(void);    /* what others do during create */
} kernel;

int __wrap_os_mount_create(const char *fstype, const char *source,
                           const struct os_mount_option *options, size_t options_len,
                           unsigned long ms_flags, int *mount_fd, char *log, size_t log_size);
int __wrap_os_mount_attach(int mount_fd, int mountpoint_fd);
int __wrap_os_mount_old(const char *fstype, const char *source, const char *data,
                        unsigned long ms_flags, int mountpoint_fd);
int __wrap_os_kernel_log_mark(void);
bool __wrap_os_kernel_log_status(int fd, const char *server, char *status, size_t size);
int __real_os_mount_table_text(char **text, size_t *len, struct err *err);
int __wrap_os_mount_table_text(char **text, size_t *len, struct err *err);
int __real_credentials_read(const struct config_mount *mount, uid_t trusted_uid,
                            struct credentials *credentials, struct err *err);
int __wrap_credentials_read(const struct config_mount *mount, uid_t trusted_uid,
                            struct credentials *credentials, struct err *err);
int __real_accounts_user(const char *name, uid_t *uid, gid_t *gid, struct err *err);
int __wrap_accounts_user(const char *name, uid_t *uid, gid_t *gid, struct err *err);

static void note_in(const char *path, const char *word) {
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (write(fd, word, strlen(word)) < 0)
        abort();
    close(fd);
}

static void note(const char *word) {
    note_in(ASKED, word);
}

static bool stands_in(const char *path, const char *word) {
    char text[512] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return strstr(text, word) != NULL;
}

static bool was_asked(const char *word) {
    return stands_in(ASKED, word);
}

int __wrap_os_mount_create(const char *fstype, const char *source,
                           const struct os_mount_option *options, size_t options_len,
                           unsigned long ms_flags, int *mount_fd, char *log, size_t log_size) {
    bool charset = false, secret = false;
    (void)ms_flags;
    for (size_t i = 0; i < options_len; i++) {
        charset = charset || strcmp(options[i].key, "iocharset") == 0;
        secret = secret || strcmp(options[i].key, "pass") == 0;
    }
    if (strcmp(fstype, "cifs") != 0 || strcmp(source, "//127.0.0.1/films") != 0)
        abort();
    note(charset ? "create-utf8 " : "create-plain ");
    if (secret)
        note("with-password ");
    *mount_fd = -1;
    snprintf(log, log_size, "%s", kernel.log != NULL ? kernel.log : "");
    if (kernel.mounted_meanwhile)
        note("shown ");
    if (kernel.meanwhile != NULL)
        kernel.meanwhile();
    if (!charset && kernel.without_charset <= 0)
        return kernel.without_charset;
    return kernel.create;
}

int __wrap_os_mount_attach(int mount_fd, int mountpoint_fd) {
    (void)mount_fd;
    (void)mountpoint_fd;
    note("attach shown ");
    return kernel.attach;
}

int __wrap_os_mount_old(const char *fstype, const char *source, const char *data,
                        unsigned long ms_flags, int mountpoint_fd) {
    (void)fstype;
    (void)source;
    (void)ms_flags;
    (void)mountpoint_fd;
    note(strstr(data, ",pass=") != NULL || strncmp(data, "pass=", 5) == 0 ? "old-with-password "
                                                                          : "old ");
    if (kernel.old == 0)
        note("shown ");
    return kernel.old;
}

int __wrap_os_kernel_log_mark(void) {
    return kernel.unreadable ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool __wrap_os_kernel_log_status(int fd, const char *server, char *status, size_t size) {
    (void)fd;
    if (strcmp(server, "127.0.0.1") != 0)
        abort();
    snprintf(status, size, "%s", kernel.status != NULL ? kernel.status : "");
    return !kernel.of_others;
}

int __wrap_credentials_read(const struct config_mount *mount, uid_t trusted_uid,
                            struct credentials *credentials, struct err *err) {
    note_in(ORDER, "read-secret ");
    return __real_credentials_read(mount, trusted_uid, credentials, err);
}

int __wrap_accounts_user(const char *name, uid_t *uid, gid_t *gid, struct err *err) {
    note_in(ORDER, stands_in(ORDER, "read-secret") ? "user-too-late " : "user ");
    return __real_accounts_user(name, uid, gid, err);
}

int __wrap_os_mount_table_text(char **text, size_t *len, struct err *err) {
    int rc = __real_os_mount_table_text(text, len, err);
    if (rc != 0 || kernel.shown == NULL || !was_asked("shown"))
        return rc;
    size_t more = strlen(kernel.shown);
    *text = realloc(*text, *len + more + 1);
    memcpy(*text + *len, kernel.shown, more + 1);
    *len += more;
    return 0;
}

#define OURS "990 1 0:77 / " AT " rw,nosuid,nodev - cifs //127.0.0.1/films rw\n"
#define FOREIGN "990 1 0:77 / " AT " rw - tmpfs stranger rw\n"

static void set_up(void) {
    static char name[] = "media", server[] = "127.0.0.1", share[] = "films", cifs[] = "cifs",
                source[] = "//127.0.0.1/films", user[] = "bob", credential[] = "/run/cred";
    stage_set_up();
    memset(&kernel, 0, sizeof kernel);
    kernel.without_charset = 1;
    kernel.shown = OURS;
    request.mount.mounter = CONFIG_CIFS;
    request.mount.name = name;
    request.mount.server = server;
    request.mount.share = share;
    request.mount.fstype = cifs;
    request.mount.source = source;
    request.mount.username = user;
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    request.mount.credential_path = credential;
    place_file("/run/cred", "password=hunter2\n", 17, 0600);
}

TestSuite(attempt, .init = set_up, .timeout = 60);

static void does(enum helper_class class, const char *words) {
    unlink(ASKED);
    cr_assert_eq(stage_do(HELPER_MOUNT), class, "%s: %s", helper_class_name(done.result.class),
                 done.result.text);
    cr_assert_not_null(strstr(done.result.text, words), "%s", done.result.text);
    cr_assert_null(strstr(done.result.text, "hunter2"));
}

Test(attempt, a_mount_that_the_table_shows_is_a_success) {
    does(HELPER_OK, "//127.0.0.1/films mounted on " AT);
    cr_assert_eq(done.result.mount_id, 990);
    cr_assert_eq(done.result.device, 77);
    cr_assert_str_eq(done.result.address, "127.0.0.1");
    cr_assert_eq(done.result.login, done.login);
    cr_assert(was_asked("create-utf8 with-password attach"));
}

/* What its modules do is not ours to know. */
Test(attempt, the_database_of_users_is_asked_before_there_is_a_password) {
    static char root[] = "root", option[] = "uid=root", *words[] = {option};
    request.mount.local_user = root;
    request.mount.options = (struct config_words){words, 1};
    does(HELPER_OK, "mounted on");
    cr_assert(stands_in(ORDER, "user read-secret "));
    cr_assert(was_asked("with-password"));
    cr_assert_not(stands_in(ORDER, "user-too-late"));
}

Test(attempt, the_table_decides_not_the_call) {
    kernel.shown = NULL;
    does(HELPER_TRANSIENT, "the mount table shows nothing there");
    kernel.shown = FOREIGN;
    does(HELPER_FOREIGN, "the mount table shows tmpfs stranger there");
}

Test(attempt, what_came_meanwhile_is_not_mounted_over) {
    kernel.mounted_meanwhile = true;
    kernel.shown = FOREIGN;
    does(HELPER_FOREIGN, "is taken by another mount: tmpfs stranger");
    cr_assert_not(was_asked("attach"));
    kernel.create = -ENOSYS;
    does(HELPER_FOREIGN, "is taken by another mount: tmpfs stranger");
    cr_assert_not(was_asked("old"));
    kernel.shown = OURS;
    does(HELPER_OK, "was mounted already");
}

static void put_a_letter(void) {
    place_file(AT "/letter", "x", 1, 0644);
}

static void give_it_away(void) {
    if (chown(AT, 2, 2) != 0)
        abort();
}

Test(attempt, a_folder_that_changed_meanwhile_is_not_mounted_over) {
    for (int old = 0; old < 2; old++) {
        kernel.create = old ? -ENOSYS : 0;
        kernel.meanwhile = put_a_letter;
        does(HELPER_CONFIG, "1 entries, e.g. 'letter'");
        cr_assert_eq(unlink(AT "/letter"), 0);
        kernel.meanwhile = give_it_away;
        does(HELPER_CONFIG, "was given to uid 2");
        cr_assert(was_asked("create"));
        cr_assert_not(was_asked("attach") || was_asked("old"));
        cr_assert_eq(chown(AT, 0, 0), 0);
    }
    kernel.meanwhile = NULL;
    does(HELPER_OK, "mounted on");
}

Test(attempt, a_kernel_without_the_new_calls_gets_one_string) {
    kernel.create = -ENOSYS;
    does(HELPER_OK, "mounted on");
    cr_assert(was_asked("create-utf8 with-password old-with-password"));
    kernel.create = -EINVAL;
    kernel.log = "e cifs: Unknown parameter 'iocharset'";
    does(HELPER_OK, "mounted on");
    kernel.log = "e cifs: out of bounds";
    does(HELPER_CONFIG, "cifs: out of bounds");
    cr_assert_not(was_asked("old"));
    kernel.create = -ENOSYS;
    kernel.log = NULL;
    kernel.old = -EHOSTDOWN;
    does(HELPER_TRANSIENT, "did not speak SMB");
}

Test(attempt, a_password_that_one_value_cannot_hold_goes_the_old_way) {
    char text[600] = "password=";
    memset(text + 9, 'x', 300);
    place_file("/run/cred", text, strlen(text), 0600);
    does(HELPER_OK, "mounted on");
    cr_assert(was_asked("old-with-password"));
    cr_assert_not(was_asked("create"));
}

Test(attempt, a_kernel_without_utf8_tables_is_asked_without) {
    kernel.create = -ELIBACC;
    kernel.without_charset = 0;
    does(HELPER_OK, "mounted on");
    cr_assert(was_asked("create-utf8 with-password create-plain with-password attach"));
    static char charset[] = "iocharset=koi8-r";
    static char *words[] = {charset};
    request.mount.options = (struct config_words){words, 1};
    does(HELPER_TRANSIENT, "mounting from server '127.0.0.1' failed");
}

Test(attempt, a_guest_has_no_password) {
    request.mount.credential = CONFIG_CREDENTIAL_GUEST;
    does(HELPER_OK, "mounted on");
    cr_assert_not(was_asked("password"));
    kernel.create = -EACCES;
    does(HELPER_AUTH, "no guest into share 'films'");
    cr_assert_eq(done.result.refusal, LOGIN_NOT_REFUSED);
}

Test(attempt, a_refused_login_has_the_servers_word) {
    kernel.create = -EACCES;
    kernel.status = "STATUS_LOGON_FAILURE";
    does(HELPER_AUTH, "the server refused user 'bob'");
    cr_assert_eq(done.result.refusal, LOGIN_REFUSED);
    cr_assert_str_eq(done.result.status, "STATUS_LOGON_FAILURE");
    cr_assert_eq(done.result.os_errno, EACCES);
    kernel.attach = -EPERM;
    kernel.create = 0;
    does(HELPER_CONFIG, "may not mount");
}

/* The kernel was logging in to another server in vain meanwhile: it may be the login or the share,
 * so it takes two to say so. */
Test(attempt, a_refusal_of_somebody_else_is_not_taken_over) {
    kernel.create = -EACCES;
    kernel.of_others = true;
    does(HELPER_AUTH, "password, account, or rights on the share");
    cr_assert_eq(done.result.refusal, LOGIN_PERHAPS_REFUSED);
    cr_assert_str_eq(done.result.status, CIFS_UNREAD);
    kernel.of_others = false;
    does(HELPER_AUTH, "let the user in, but not into share 'films'");
    cr_assert_eq(done.result.refusal, LOGIN_NOT_REFUSED);
    kernel.unreadable = true;
    does(HELPER_AUTH, "password, account, or rights on the share");
    cr_assert_eq(done.result.refusal, LOGIN_PERHAPS_REFUSED);
}

Test(attempt, nothing_is_sent_after_a_refusal_elsewhere) {
    done.leave = (struct login_leave){.refused = true, .os_errno = EACCES};
    strcpy(done.leave.status, "STATUS_LOGON_FAILURE");
    strcpy(done.leave.mount, "music");
    does(HELPER_AUTH, "as it said to mount 'music'");
    cr_assert_eq(done.result.refusal, LOGIN_REFUSED_BEFORE);
    cr_assert_not(was_asked("create"));
    strcpy(done.leave.status, "STATUS_OF_THE_FUTURE");
    done.leave.os_errno = EKEYREJECTED + 1000;
    does(HELPER_AUTH, "as it said to mount 'music'");
}

Test(attempt, what_stands_in_the_way_is_said_before_a_packet_is_sent) {
    static char nowhere[] = "no-such-host.invalid", comma[] = "a,b";
    unlink("/run/cred");
    does(HELPER_CONFIG, "smbmounter setup media");
    place_file("/run/cred", "password=hunter2\n", 17, 0600);
    request.mount.domain = comma;
    does(HELPER_CONFIG, "comma");
    request.mount.domain = request.mount.local_user;
    request.mount.server = nowhere;
    does(HELPER_TRANSIENT, "cannot be resolved");
    cr_assert_not(was_asked("create"));
}

Test(attempt, without_leave_no_packet_is_sent) {
    unsigned char frame[4096];
    struct wire_in payload;
    uint32_t type;
    int fd, status;
    unlink(ASKED);
    request.op = HELPER_MOUNT;
    pid_t helper = play_start(&request, &fd);
    cr_assert_eq(wire_read(fd, frame, sizeof frame, &type, &payload), 0);
    cr_assert_eq(type, HELPER_READY);
    close(fd);
    cr_assert_eq(waitpid(helper, &status, 0), helper);
    cr_assert_eq(status, 0);
    cr_assert_neq(access(ASKED, F_OK), 0);
}
