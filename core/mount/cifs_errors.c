/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "mount/cifs.h"

/* What the text of a row speaks of, in its %s. */
enum about { ABOUT_NOTHING, ABOUT_USER, ABOUT_SERVER, ABOUT_SHARE };

/* What a person can do about it; %s is the mount's name. */
#define HINT_PASSWORD                                                                              \
    "Store the right password with: smbmounter setup %s, then: smbmounter mount %s"
#define HINT_CHANGE                                                                                \
    "Change it there, store the new one with: smbmounter setup %s, then: smbmounter mount %s"
#define HINT_SERVER "Change that on the server, then: smbmounter mount %s"
#define HINT_SHARE                                                                                 \
    "Check 'share:' in the configuration, or the share on the server; tried again slowly"
#define HINT_CONFIG "Mend the configuration, then: smbmounter reload"
#define HINT_NONE "It is tried again by itself"

#define ALL LOGIN_REFUSED
#define SOME LOGIN_PERHAPS_REFUSED
#define NO LOGIN_NOT_REFUSED

struct row {
    const char *status; /* word of the kernel log; NULL: by errno alone */
    int os_errno;
    enum helper_class class;
    enum login_refusal refusal;
    enum about about;
    const char *what, *hint;
};

/* The kernel log hardly says which mount a status belongs to, so a status counts only with the
 * errno that it leads to (facts: linux-cifs 6), or with EIO, which is what older kernels make of
 * those that they know no errno for. The first row that fits holds.
 *
 * A refused login holds for every share of the account, a refused share does not. The kernel logs
 * what a login was refused for, but not a share; so EACCES with nothing in the log is the share.
 * When the log cannot be read it may be either: counting it as a login would keep the other shares
 * from being tried at every start, counting it as a share would lock the account; so it takes two
 * mounts to say so (daemon/refusals.h). */
static const struct row rows[] = {
    {"STATUS_LOGON_FAILURE", EACCES, HELPER_AUTH, ALL, ABOUT_USER,
     "the server refused user '%s': wrong password, or no such user", HINT_PASSWORD},
    {"STATUS_WRONG_PASSWORD", EACCES, HELPER_AUTH, ALL, ABOUT_USER,
     "the server refused the password of user '%s'", HINT_PASSWORD},
    {"STATUS_NO_SUCH_USER", EACCES, HELPER_AUTH, ALL, ABOUT_USER, "the server knows no user '%s'",
     "Mend 'username:' in the configuration, then: smbmounter reload"},
    {"STATUS_ACCOUNT_LOCKED_OUT", EACCES, HELPER_AUTH, ALL, ABOUT_USER,
     "the server locked the account of user '%s' after too many failed logins",
     "Unlock it there, then: smbmounter mount %s"},
    {"STATUS_ACCOUNT_RESTRICTION", EACCES, HELPER_AUTH, ALL, ABOUT_USER,
     "the server does not let user '%s' log in this way (empty password, or restricted)",
     HINT_SERVER},
    {"STATUS_INVALID_LOGON_HOURS", EACCES, HELPER_AUTH, ALL, ABOUT_USER,
     "the server does not let user '%s' log in at this hour", HINT_SERVER},
    {"STATUS_INVALID_WORKSTATION", EACCES, HELPER_AUTH, ALL, ABOUT_USER,
     "the server does not let user '%s' log in from this machine", HINT_SERVER},
    {"STATUS_LOGON_TYPE_NOT_GRANTED", EACCES, HELPER_AUTH, ALL, ABOUT_USER,
     "the server does not let user '%s' log in over the network", HINT_SERVER},
    {"STATUS_ACCESS_DENIED", EACCES, HELPER_AUTH, NO, ABOUT_SHARE,
     "the server let the user in, but not into share '%s'",
     "Give the user access to it on the server, then: smbmounter mount %s"},
    {"STATUS_NETWORK_ACCESS_DENIED", EACCES, HELPER_AUTH, NO, ABOUT_SHARE,
     "the server denies share '%s' to this machine or user",
     "Allow it on the server, then: smbmounter mount %s"},
    {"", EACCES, HELPER_AUTH, NO, ABOUT_SHARE,
     "the server let the user in, but not into share '%s'",
     "Give the user access to it on the server, then: smbmounter mount %s"},
    {NULL, EACCES, HELPER_AUTH, SOME, ABOUT_USER,
     "the server refused user '%s': password, account, or rights on the share",
     "See the server's log; smbmounter setup %s stores another password; then: smbmounter mount "
     "%s"},
    {"STATUS_PASSWORD_MUST_CHANGE", EKEYEXPIRED, HELPER_AUTH, ALL, ABOUT_USER,
     "user '%s' must change the password on the server first", HINT_CHANGE},
    {"STATUS_ACCOUNT_EXPIRED", EKEYEXPIRED, HELPER_AUTH, ALL, ABOUT_USER,
     "the account of user '%s' has expired on the server",
     "Renew it there, then: smbmounter mount %s"},
    {"STATUS_PASSWORD_EXPIRED", EKEYEXPIRED, HELPER_AUTH, ALL, ABOUT_USER,
     "the password of user '%s' has expired on the server", HINT_CHANGE},
    {NULL, EKEYEXPIRED, HELPER_AUTH, ALL, ABOUT_USER,
     "the password of user '%s' has expired on the server", HINT_CHANGE},
    {"STATUS_ACCOUNT_DISABLED", EKEYREVOKED, HELPER_AUTH, ALL, ABOUT_USER,
     "the account of user '%s' is disabled on the server",
     "Enable it there, then: smbmounter mount %s"},
    {NULL, EKEYREVOKED, HELPER_AUTH, ALL, ABOUT_USER,
     "the account of user '%s' is disabled on the server",
     "Enable it there, then: smbmounter mount %s"},
    {NULL, EKEYREJECTED, HELPER_AUTH, ALL, ABOUT_USER,
     "the server refused the key or ticket of user '%s'", HINT_SERVER},
    {NULL, ENOKEY, HELPER_AUTH, NO, ABOUT_USER, "there is no key or Kerberos ticket for user '%s'",
     "Get one (kinit, or the keytab of cifs.upcall), then: smbmounter mount %s"},
    {"STATUS_BAD_NETWORK_NAME", ENOENT, HELPER_ABSENT, NO, ABOUT_SHARE,
     "the server has no share '%s' (or its disk is not there yet)", HINT_SHARE},
    {NULL, ENOENT, HELPER_ABSENT, NO, ABOUT_SHARE,
     "the server has no share '%s', or the share's folder is missing there", HINT_SHARE},
    {NULL, EREMCHG, HELPER_ABSENT, NO, ABOUT_SHARE, "the server closed share '%s'", HINT_SHARE},
    {NULL, ENODEV, HELPER_CONFIG, NO, ABOUT_NOTHING, "this kernel has no SMB client (cifs)",
     "Load it with: modprobe cifs (cloud kernels have it in linux-modules-extra-$(uname -r))"},
    {NULL, EOPNOTSUPP, HELPER_CONFIG, NO, ABOUT_SERVER,
     "server '%s' does not offer the wanted protocol version or security",
     "Check 'vers=' and 'sec=' in mount_options (vers=3.1.1 or 3.0 suits most), then: "
     "smbmounter reload"},
    {NULL, EINVAL, HELPER_CONFIG, NO, ABOUT_NOTHING, "this kernel refused the mount options",
     HINT_CONFIG},
    {NULL, E2BIG, HELPER_CONFIG, NO, ABOUT_NOTHING, "the mount options are too long", HINT_CONFIG},
    {NULL, EPERM, HELPER_CONFIG, NO, ABOUT_NOTHING, "this process may not mount",
     "It needs to be root with CAP_SYS_ADMIN (a container, a sandbox of the unit?)"},
    {NULL, ENOTDIR, HELPER_CONFIG, NO, ABOUT_NOTHING, "the mountpoint is not a folder",
     HINT_CONFIG},
    {NULL, ECONNREFUSED, HELPER_TRANSIENT, NO, ABOUT_SERVER,
     "server '%s' refused the connection: no SMB service on that port", HINT_NONE},
    {NULL, ENETUNREACH, HELPER_TRANSIENT, NO, ABOUT_SERVER,
     "no route to server '%s': the network is down", HINT_NONE},
    {NULL, EHOSTUNREACH, HELPER_TRANSIENT, NO, ABOUT_SERVER,
     "server '%s' is off or not on this network", HINT_NONE},
    {NULL, EINPROGRESS, HELPER_TRANSIENT, NO, ABOUT_SERVER,
     "no answer from server '%s': its packets are dropped (firewall?) or it is off", HINT_NONE},
    {NULL, ETIMEDOUT, HELPER_TRANSIENT, NO, ABOUT_SERVER, "server '%s' did not answer in time",
     HINT_NONE},
    {NULL, EHOSTDOWN, HELPER_TRANSIENT, NO, ABOUT_SERVER,
     "server '%s' accepted the connection, but then did not speak SMB", HINT_NONE},
};

static bool uses_kerberos(const struct config_mount *mount) {
    for (size_t i = 0; i < mount->options.len; i++)
        if (strncmp(mount->options.items[i], "sec=krb5", 8) == 0)
            return true;
    return false;
}

static bool fits(const struct row *row, int os_errno, const char *nt_status) {
    if (row->status != NULL && strcmp(row->status, nt_status) != 0)
        return false;
    bool login = row->status != NULL && row->refusal == LOGIN_REFUSED;
    return row->os_errno == os_errno || (login && os_errno == EIO);
}

static const struct row *find_row(int os_errno, const char *nt_status) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (fits(&rows[i], os_errno, nt_status))
            return &rows[i];
    return NULL;
}

static const char *subject(enum about about, const struct config_mount *mount) {
    switch (about) {
    case ABOUT_USER:
        return mount->username;
    case ABOUT_SERVER:
        return mount->server;
    case ABOUT_SHARE:
        return mount->share;
    case ABOUT_NOTHING:
        break;
    }
    return "";
}

/* template with argument, escaped, in place of each %s. */
static void fill(char *to, size_t size, const char *template, const char *argument) {
    char clean[CONFIG_USER_MAX * 4];
    struct str s;
    str_escape(clean, sizeof clean, argument, strlen(argument));
    str_init(&s, size - 1);
    for (const char *mark; (mark = strstr(template, "%s")) != NULL; template = mark + 2) {
        str_add_bytes(&s, template, (size_t)(mark - template));
        str_add_bytes(&s, clean, strlen(clean));
    }
    str_add_bytes(&s, template, strlen(template));
    (void)str_copy(to, size, s.data != NULL ? s.data : "");
    str_finish(&s);
}

static void put_together(const struct row *row, const char *cause, const struct config_mount *mount,
                         char *text, size_t size) {
    char what[ERR_TEXT_MAX / 2], hint[ERR_TEXT_MAX / 4 + CONFIG_NAME_MAX * 2];
    fill(what, sizeof what, row->what, subject(row->about, mount));
    fill(hint, sizeof hint, row->hint, mount->name);
    snprintf(text, size, "%s (%s). %s", what, cause, hint);
}

static void compose(const struct row *row, const char *log, const char *nt_status,
                    const struct config_mount *mount, char *text, size_t size) {
    char cause[ERR_TEXT_MAX / 4];
    if (log[0] != '\0' && log[1] == ' ') /* "e ", "w ", "i ": how grave it is */
        log += 2;
    if (log[0] != '\0')
        str_escape(cause, sizeof cause, log, strlen(log));
    else if (row->status != NULL && row->status[0] != '\0')
        (void)str_copy(cause, sizeof cause, nt_status);
    else
        (void)str_copy(cause, sizeof cause, strerror(row->os_errno));
    put_together(row, cause, mount, text, size);
}

enum login_refusal cifs_refusal(int os_errno, const char *nt_status,
                                const struct config_mount *mount) {
    const struct row *row = find_row(os_errno, nt_status);
    if (row == NULL || mount->credential == CONFIG_CREDENTIAL_GUEST || uses_kerberos(mount))
        return LOGIN_NOT_REFUSED;
    return row->refusal;
}

enum helper_class cifs_explain_leave(const struct login_leave *leave,
                                     const struct config_mount *mount, char *text, size_t size) {
    const struct row *row = find_row(leave->os_errno, leave->status);
    char told[sizeof leave->mount + 16], cause[ERR_TEXT_MAX / 2];
    if (row == NULL)
        row = find_row(EACCES, CIFS_UNREAD);
    if (strcmp(leave->mount, mount->name) == 0)
        str_copy(told, sizeof told, "at the last try");
    else
        snprintf(told, sizeof told, "to mount '%s'", leave->mount);
    snprintf(cause, sizeof cause,
             "as it said %s; not tried again with the same password, lest the account be locked",
             told);
    put_together(row, cause, mount, text, size);
    return row->class;
}

enum helper_class cifs_explain(int os_errno, const char *log, const char *nt_status,
                               const struct config_mount *mount, char *text, size_t size) {
    static const struct row ticket = {
        NULL,
        ENOENT,
        HELPER_AUTH,
        NO,
        ABOUT_SHARE,
        "no Kerberos ticket for the server of share '%s', or cifs.upcall is missing",
        "Get one (kinit, or the keytab of cifs.upcall), then: smbmounter mount %s"};
    static const struct row guest = {
        NULL,
        EACCES,
        HELPER_AUTH,
        NO,
        ABOUT_SHARE,
        "the server lets no guest into share '%s'",
        "Give 'username:' and 'credential:' in the configuration, then: smbmounter reload"};
    const struct row other = {NULL,     os_errno,     HELPER_TRANSIENT,
                              NO,       ABOUT_SERVER, "mounting from server '%s' failed",
                              HINT_NONE};
    const struct row *row = find_row(os_errno, nt_status);
    if (os_errno == ENOENT && row->status == NULL && uses_kerberos(mount))
        row = &ticket;
    if (os_errno == EACCES && mount->credential == CONFIG_CREDENTIAL_GUEST)
        row = &guest;
    if (row == NULL)
        row = &other;
    compose(row, log, nt_status, mount, text, size);
    return row->class;
}
