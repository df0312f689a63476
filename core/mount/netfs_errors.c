/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What NetFS returns, in words. The numbers are macOS's own: this is also built elsewhere. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "mount/netfs.h"

#define NO_ACCESS 13
#define INTERNAL_ERROR (-6600)

enum about { ABOUT_NOTHING, ABOUT_USER, ABOUT_SERVER, ABOUT_SHARE, ABOUT_MOUNTPOINT };
enum hint {
    HINT_NONE,     /* it passes by itself */
    HINT_PASSWORD, /* setup NAME, then mount NAME */
    HINT_SERVER,   /* mend it on the server, then mount NAME */
    HINT_CONFIG,   /* mend the configuration, then reload */
    HINT_FREE,     /* unmount what is there */
    HINT_ACCESS,   /* macOS's own protection */
};

struct row {
    int code;
    const char *name;
    enum helper_class class;
    enum about about;
    const char *what;
    enum hint hint;
};

static const struct row rows[] = {
    {80, "EAUTH", HELPER_AUTH, ABOUT_USER,
     "the server refused the password of user %s (or could not ask its domain)", HINT_PASSWORD},
    {81, "ENEEDAUTH", HELPER_AUTH, ABOUT_USER, "the server wants a login that user %s cannot give",
     HINT_PASSWORD},
    {13, "EACCES", HELPER_AUTH, ABOUT_SHARE, "the server let the user in, but not into share %s",
     HINT_SERVER},
    {-5045, "ENETFSPWDNEEDSCHANGE", HELPER_AUTH, ABOUT_USER,
     "user %s must change the password on the server first", HINT_PASSWORD},
    {-5046, "ENETFSPWDPOLICY", HELPER_AUTH, ABOUT_USER,
     "the password of user %s breaks a rule of the server", HINT_PASSWORD},
    {-5999, "ENETFSACCOUNTRESTRICTED", HELPER_AUTH, ABOUT_USER,
     "the server does not let user %s in: unknown, disabled, locked, or not at this hour",
     HINT_SERVER},
    {-5042, "ENETFSACCOUNTRESTRICTED", HELPER_AUTH, ABOUT_USER,
     "the server does not let user %s in: unknown, disabled, locked, or not at this hour",
     HINT_SERVER},
    {-6600, "kNetAuthErrorInternal", HELPER_AUTH, ABOUT_USER,
     "macOS could not log user %s in, several times; most often the password is wrong",
     HINT_PASSWORD},
    {-128, "userCanceled", HELPER_CONFIG, ABOUT_USER,
     "macOS wanted to ask on the screen for the password of user %s", HINT_PASSWORD},
    {-5997, "ENETFSNOAUTHMECHSUPP", HELPER_CONFIG, ABOUT_SERVER,
     "server %s offers no way to log in that macOS knows", HINT_SERVER},
    {-5996, "ENETFSNOPROTOVERSSUPP", HELPER_CONFIG, ABOUT_SERVER,
     "server %s offers no SMB version that macOS speaks (SMB 1 only?)", HINT_SERVER},
    {-5998, "ENETFSNOSHARESAVAIL", HELPER_CONFIG, ABOUT_SERVER,
     "server %s has no share for this user", HINT_SERVER},
    {-6003, "kNetAuthErrorNoSharesAvailable", HELPER_CONFIG, ABOUT_SERVER,
     "server %s has no share for this user", HINT_SERVER},
    {-6004, "kNetAuthErrorGuestNotSupported", HELPER_CONFIG, ABOUT_SERVER,
     "server %s lets no guest in; give 'username:'", HINT_CONFIG},
    {-6005, "kNetAuthErrorAlreadyClosed", HELPER_TRANSIENT, ABOUT_SERVER,
     "macOS closed the session with %s meanwhile", HINT_NONE},
    {-6602, "kNetAuthErrorMountFailed", HELPER_CONFIG, ABOUT_MOUNTPOINT,
     "macOS logged in, but could not mount on %s, twice", HINT_CONFIG},
    {1, "EPERM", HELPER_CONFIG, ABOUT_MOUNTPOINT, "macOS does not let this program mount on %s",
     HINT_ACCESS},
    {2, "ENOENT", HELPER_ABSENT, ABOUT_SHARE,
     "the server has no share %s (or its disk is not there yet)", HINT_CONFIG},
    {12, "ENOMEM", HELPER_TRANSIENT, ABOUT_NOTHING, "no memory", HINT_NONE},
    {16, "EBUSY", HELPER_TRANSIENT, ABOUT_MOUNTPOINT,
     "something is mounted, or being mounted or unmounted, on %s", HINT_NONE},
    {17, "EEXIST", HELPER_CONFIG, ABOUT_SHARE, "share %s is mounted already, at another place",
     HINT_FREE},
    {20, "ENOTDIR", HELPER_CONFIG, ABOUT_MOUNTPOINT, "%s is not a folder", HINT_CONFIG},
    {22, "EINVAL", HELPER_CONFIG, ABOUT_SHARE, "macOS does not understand the address of share %s",
     HINT_CONFIG},
    {45, "ENOTSUP", HELPER_CONFIG, ABOUT_SERVER, "server %s does not offer what macOS needs",
     HINT_SERVER},
    {62, "ELOOP", HELPER_CONFIG, ABOUT_SERVER, "server %s is this Mac itself", HINT_CONFIG},
    {63, "ENAMETOOLONG", HELPER_CONFIG, ABOUT_SHARE,
     "a name in the address of share %s is too long for macOS", HINT_CONFIG},
    {5, "EIO", HELPER_TRANSIENT, ABOUT_SERVER, "the talk with server %s failed", HINT_NONE},
    {32, "EPIPE", HELPER_TRANSIENT, ABOUT_SERVER, "server %s hung up", HINT_NONE},
    {35, "EAGAIN", HELPER_TRANSIENT, ABOUT_SERVER, "server %s is busy", HINT_NONE},
    {50, "ENETDOWN", HELPER_TRANSIENT, ABOUT_SERVER, "no network to server %s", HINT_NONE},
    {51, "ENETUNREACH", HELPER_TRANSIENT, ABOUT_SERVER, "no route to server %s", HINT_NONE},
    {52, "ENETRESET", HELPER_TRANSIENT, ABOUT_SERVER, "the connection to %s was reset", HINT_NONE},
    {53, "ECONNABORTED", HELPER_TRANSIENT, ABOUT_SERVER, "the connection to %s was aborted",
     HINT_NONE},
    {54, "ECONNRESET", HELPER_TRANSIENT, ABOUT_SERVER, "server %s cut the connection", HINT_NONE},
    {57, "ENOTCONN", HELPER_TRANSIENT, ABOUT_SERVER, "the connection to %s is gone", HINT_NONE},
    {60, "ETIMEDOUT", HELPER_TRANSIENT, ABOUT_SERVER, "server %s did not answer in time",
     HINT_NONE},
    {61, "ECONNREFUSED", HELPER_TRANSIENT, ABOUT_SERVER,
     "server %s refused the connection: no SMB service on that port", HINT_NONE},
    {64, "EHOSTDOWN", HELPER_TRANSIENT, ABOUT_SERVER, "server %s is off", HINT_NONE},
    {65, "EHOSTUNREACH", HELPER_TRANSIENT, ABOUT_SERVER,
     "server %s cannot be found or reached (name, or not on this network)", HINT_NONE},
    {68, "EUSERS", HELPER_TRANSIENT, ABOUT_SERVER, "server %s takes no more sessions now",
     HINT_NONE},
};

static const struct row *find_row(int code) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == code)
            return &rows[i];
    return NULL;
}

static const char *subject(enum about about, const struct config_mount *mount) {
    switch (about) {
    case ABOUT_USER:
        return mount->username[0] != '\0' ? mount->username : "(guest)";
    case ABOUT_SERVER:
        return mount->server;
    case ABOUT_SHARE:
        return mount->share;
    case ABOUT_MOUNTPOINT:
        return mount->mountpoint;
    case ABOUT_NOTHING:
        break;
    }
    return "";
}

static void add_hint(struct str *s, enum hint hint, const char *name) {
    switch (hint) {
    case HINT_NONE:
        str_add(s, "Retried by itself");
        break;
    case HINT_PASSWORD:
        str_add(s, "Store a new one: sudo smbmounter setup %s, then: smbmounter mount %s", name,
                name);
        break;
    case HINT_SERVER:
        str_add(s, "Mend it on the server, then: smbmounter mount %s", name);
        break;
    case HINT_CONFIG:
        str_add(s, "Mend the configuration, then: smbmounter reload");
        break;
    case HINT_FREE:
        str_add(s, "Unmount it there (mount -t smbfs lists them), then: smbmounter mount %s", name);
        break;
    case HINT_ACCESS:
        str_add(s,
                "Check who owns the folder ('local_user'), and give smbmounter Full Disk Access "
                "(System Settings, Privacy & Security), then: smbmounter mount %s",
                name);
        break;
    }
}

/* The one "%s" of a row becomes the subject, in quotes and escaped. */
static void add_what(struct str *s, const struct row *row, const struct config_mount *mount) {
    char clean[CONFIG_PATH_MAX];
    const char *text = subject(row->about, mount), *mark = strstr(row->what, "%s");
    if (mark == NULL) {
        str_add(s, "%s", row->what);
        return;
    }
    str_escape(clean, sizeof clean, text, strlen(text));
    str_add_bytes(s, row->what, (size_t)(mark - row->what));
    str_add(s, "'%s'%s", clean, mark + 2);
}

/* A share that is closed to the user, and the code for everything, are no proof. */
enum login_refusal netfs_refusal(int code, const struct config_mount *mount) {
    const struct row *row = find_row(code);
    if (row == NULL || row->class != HELPER_AUTH || mount->credential == CONFIG_CREDENTIAL_GUEST)
        return LOGIN_NOT_REFUSED;
    return code == NO_ACCESS || code == INTERNAL_ERROR ? LOGIN_PERHAPS_REFUSED : LOGIN_REFUSED;
}

enum helper_class netfs_explain(int code, const char *tried_by, const struct config_mount *mount,
                                char *text, size_t size) {
    static const struct row other = {
        0, "?", HELPER_TRANSIENT, ABOUT_SERVER, "mounting from server %s failed", HINT_NONE};
    const struct row *row = find_row(code);
    struct str s;
    if (row == NULL)
        row = &other;
    str_init(&s, size - 1);
    add_what(&s, row, mount);
    str_add(&s, " (%s%s%d", row->name, row->name[0] != '\0' ? ", " : "", code);
    if (tried_by != NULL)
        str_add(&s,
                ", as it said to mount '%s'; not tried again with the same password, lest the "
                "account be locked",
                tried_by);
    str_add(&s, "). ");
    add_hint(&s, row->hint, mount->name);
    (void)str_copy(text, size, s.data != NULL ? s.data : row->what);
    str_finish(&s);
    return row->class;
}
