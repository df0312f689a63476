/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "config/mount_options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>

#include "base/str.h"
#include "config/schema_value.h"
#include "config/suggest.h"

#ifdef __APPLE__
#define MS_RDONLY MNT_RDONLY
#define MS_NOSUID MNT_NOSUID
#define MS_NODEV MNT_NODEV
#define MS_NOEXEC MNT_NOEXEC
#define MS_NOATIME MNT_NOATIME
#define MS_SYNCHRONOUS MNT_SYNCHRONOUS
#define MS_RELATIME 0
#define MS_NODIRATIME 0
#endif

#define TEXT_MAX 255 /* the kernel takes no longer value */
#define NAME_SHOWN 32

#define FLAG(name, help)                                                                           \
    { name, MOUNT_OPTION_FLAG, 0, 0, NULL, 0, help }
#define VFS(name, flag, help)                                                                      \
    { name, MOUNT_OPTION_VFS, 0, 0, NULL, flag, help }
#define FORCED(name, flag, help)                                                                   \
    { name, MOUNT_OPTION_FORCED, 0, 0, NULL, flag, help }
#define INT(name, min, max, help)                                                                  \
    { name, MOUNT_OPTION_INT, min, max, NULL, 0, help }
#define OCTAL(name, help)                                                                          \
    { name, MOUNT_OPTION_OCTAL, 0, 07777, NULL, 0, help }
#define ID(name, help)                                                                             \
    { name, MOUNT_OPTION_ID, 0, 4294967294, NULL, 0, help }
#define TEXT(name, help)                                                                           \
    { name, MOUNT_OPTION_TEXT, 1, TEXT_MAX, NULL, 0, help }
#define CHOICE(name, choices, help)                                                                \
    { name, MOUNT_OPTION_CHOICE, 0, 0, choices, 0, help }

const struct mount_option mount_option_table[] = {
    FORCED("soft", 0, "calls fail when the server is gone, instead of hanging; always on"),
    FORCED("nosuid", MS_NOSUID, "set-user-id bits of the server mean nothing; always on"),
    FORCED("nodev", MS_NODEV, "device files of the server mean nothing; always on"),
    VFS("ro", MS_RDONLY, "mount read-only"),
    VFS("rw", 0, "mount read-write (the default)"),
    VFS("noexec", MS_NOEXEC, "no program of the share can be started"),
    VFS("noatime", MS_NOATIME, "access times are not written"),
    VFS("nodiratime", MS_NODIRATIME, "access times of folders are not written"),
    VFS("relatime", MS_RELATIME, "access times are written rarely"),
    VFS("sync", MS_SYNCHRONOUS, "every write waits for the server"),
#ifdef __APPLE__
    VFS("nobrowse", MNT_DONTBROWSE, "hidden from the Finder's sidebar"),
    VFS("noowners", MNT_IGNORE_OWNERSHIP, "ownership on the share is ignored"),
#endif
    CHOICE("vers", "default|3|3.0|3.0.2|3.02|3.1.1|3.11|2.1|2.0|1.0",
           "SMB version; the kernel's choice is 2.1 or newer, 1.0 is insecure"),
    CHOICE("sec", "krb5|krb5i|ntlmssp|ntlmsspi|none", "how the user is authenticated"),
    CHOICE("cache", "strict|loose|none|ro|singleclient", "what file data may be cached"),
    FLAG("seal", "encrypt everything on the wire (SMB 3)"),
    FLAG("sign", "sign every packet"),
    FLAG("multiuser", "every local user has a session of his own"),
    INT("port", 1, 65535, "TCP port of the server"),
    TEXT("domain", "domain or workgroup of the user"),
    FLAG("domainauto", "take the domain from the server"),
    TEXT("netbiosname", "name of this machine for very old servers"),
    TEXT("srcaddr", "local address to connect from"),
    TEXT("iocharset", "character set of local file names"),
    ID("uid", "owner of all files: a number or a name"),
    ID("gid", "group of all files: a number or a name"),
    ID("cruid", "whose Kerberos credentials are used"),
    ID("backupuid", "user who opens files with backup intent"),
    ID("backupgid", "group that opens files with backup intent"),
    FLAG("forceuid", "uid applies although the server tells owners"),
    FLAG("noforceuid", "owners that the server tells apply"),
    FLAG("forcegid", "gid applies although the server tells groups"),
    FLAG("noforcegid", "groups that the server tells apply"),
    OCTAL("file_mode", "mode of all files, octal"),
    OCTAL("dir_mode", "mode of all folders, octal"),
    FLAG("perm", "this machine checks permissions (the default)"),
    FLAG("noperm", "only the server checks permissions"),
    FLAG("dynperm", "changed modes are kept in memory only"),
    FLAG("setuids", "new files get the user of the process"),
    FLAG("nosetuids", "new files get the user that the server chooses"),
    FLAG("cifsacl", "modes and owners come from the server's ACLs"),
    FLAG("idsfromsid", "owners come from special SIDs"),
    FLAG("modefromsid", "modes come from a special SID"),
    FLAG("acl", "POSIX ACLs (SMB 1)"),
    FLAG("noacl", "no POSIX ACLs"),
    FLAG("user_xattr", "extended attributes (the default)"),
    FLAG("nouser_xattr", "no extended attributes"),
    INT("echo_interval", 1, 600, "seconds between echoes on an idle connection"),
    FLAG("nosharesock", "a TCP connection of its own for this mount; added by default"),
    INT("actimeo", 0, 86400, "seconds that attributes may be cached"),
    INT("acregmax", 0, 86400, "seconds that attributes of files may be cached"),
    INT("acdirmax", 0, 86400, "seconds that attributes of folders may be cached"),
    INT("closetimeo", 0, 86400, "seconds that a closed file stays open on the server"),
    INT("rsize", 4096, 16777216, "most bytes of one read request"),
    INT("wsize", 4096, 16777216, "most bytes of one write request"),
    INT("rasize", 4096, 16777216, "most bytes read ahead"),
    INT("bsize", 16384, 16777216, "block size that statfs tells"),
    INT("max_credits", 20, 60000, "most requests in flight"),
    FLAG("multichannel", "several TCP connections to one server (SMB 3)"),
    FLAG("nomultichannel", "one TCP connection (the default)"),
    INT("max_channels", 1, 16, "how many connections multichannel makes"),
    FLAG("resilienthandles", "open files survive a reconnect (SMB 2.1)"),
    FLAG("noresilienthandles", "no resilient handles (the default)"),
    FLAG("persistenthandles", "open files survive a fail-over (SMB 3)"),
    FLAG("nopersistenthandles", "no persistent handles (the default)"),
    INT("handletimeout", 0, 960000, "milliseconds that the server keeps handles"),
    FLAG("handlecache", "keep the handle of the root folder (the default)"),
    FLAG("nohandlecache", "do not keep the handle of the root folder"),
    FLAG("nolease", "no leases or oplocks"),
    FLAG("locallease", "check leases locally"),
    FLAG("nobrl", "byte range locks stay on this machine"),
    FLAG("forcemandatorylock", "byte range locks are mandatory ones"),
    FLAG("rwpidforward", "tell the server which process reads and writes"),
    FLAG("strictsync", "fsync makes the server flush (the default)"),
    FLAG("nostrictsync", "fsync does not make the server flush"),
    FLAG("serverino", "inode numbers are the server's (the default)"),
    FLAG("noserverino", "inode numbers are made up here"),
    FLAG("unix", "Unix extensions where the server has them (the default)"),
    FLAG("nounix", "no Unix extensions"),
    FLAG("posix", "as unix"),
    FLAG("noposix", "as nounix"),
    FLAG("posixpaths", "POSIX path names (SMB 1)"),
    FLAG("noposixpaths", "no POSIX path names"),
    FLAG("mapchars", "forbidden characters in names, as Services for Mac map them"),
    FLAG("nomapchars", "no mapping of forbidden characters (the default)"),
    FLAG("mapposix", "forbidden characters in names, as Services for Unix map them"),
    FLAG("mfsymlinks", "symlinks in the Minshall+French form"),
    FLAG("sfu", "special files in the Services for Unix form"),
    FLAG("nocase", "names are compared without case"),
    FLAG("ignorecase", "as nocase"),
    FLAG("nodfs", "do not follow DFS referrals to another server"),
    FLAG("noautotune", "fixed socket buffers"),
    FLAG("noblocksend", "send without blocking"),
    FLAG("fsc", "cache file data on a local disk (cachefilesd)"),
};
const size_t mount_option_table_len = sizeof mount_option_table / sizeof mount_option_table[0];

/* What people bring along from fstab, and where it belongs instead. */
static const struct {
    const char *name, *why;
} refused[] = {
    {"hard", "makes every program hang for as long as the server is gone; 'soft' is always on"},
    {"credentials", "write 'credential: {file: /path}' beside it"},
    {"cred", "write 'credential: {file: /path}' beside it"},
    {"username", "write the key 'username' beside it"},
    {"user", "write the key 'username' beside it"},
    {"guest", "write 'credential: guest' beside it"},
    {"ip", "the name in 'server' is resolved anew for every mount; a number can stand there"},
    {"addr", "the name in 'server' is resolved anew for every mount; a number can stand there"},
    {"unc", "write the keys 'server' and 'share'"},
    {"prefixpath", "write the folder after the share: 'share: NAME/folder'"},
    {"workgroup", "write domain=NAME"},
    {"dom", "write domain=NAME"},
    {"sharesock", "a connection shared with a dead mount would hang the new one"},
    {"suid", "nosuid is always on"},
    {"dev", "nodev is always on"},
    {"exec", "it is the default; only noexec can be given"},
    {"_netdev", "it means something to fstab only"},
    {"nofail", "it means something to fstab only"},
    {"auto", "it means something to fstab only; see 'mount_at_startup'"},
    {"noauto", "it means something to fstab only; see 'mount_at_startup'"},
    {"users", "it means something to fstab only; see 'control: {admin_group: ...}'"},
    {"defaults", "it means something to fstab only"},
    {"rootfs", "it is for a root file system"},
    {"snapshot", "a snapshot does not need to be supervised"},
};

const struct mount_option *mount_option_find(const char *name, size_t len) {
    for (size_t i = 0; i < mount_option_table_len; i++)
        if (strlen(mount_option_table[i].name) == len &&
            memcmp(mount_option_table[i].name, name, len) == 0)
            return &mount_option_table[i];
    return NULL;
}

static int refuse_name(const char *name, struct err *err) {
    if (suggest_is_secret(name, strlen(name)))
        return err_set(err, EINVAL,
                       "'%.*s' is refused: no password belongs in this file; store it with "
                       "'smbmounter setup NAME'",
                       NAME_SHOWN, name);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strcmp(refused[i].name, name) == 0)
            return err_set(err, EINVAL, "'%s' is refused: %s", name, refused[i].why);
    struct suggest s = {.word = name};
    for (size_t i = 0; i < mount_option_table_len; i++)
        suggest_offer(&s, mount_option_table[i].name);
    return err_set(err, EINVAL, "unknown mount option '%.*s'%s%s%s", NAME_SHOWN, name,
                   s.best != NULL ? "; did you mean '" : "", s.best != NULL ? s.best : "",
                   s.best != NULL ? "'?" : "");
}

static int check_choice(const struct mount_option *option, const char *value, struct err *err) {
    if (schema_is_choice(option->choices, value))
        return 0;
    char allowed[256];
    struct smbm_option row = {.type = SMBM_OPT_CHOICE, .choices = option->choices};
    schema_allowed(&row, allowed, sizeof allowed);
    return err_set(err, EINVAL, "%s must be %s", option->name, allowed);
}

static bool is_octal(const char *value) {
    size_t len = strlen(value);
    size_t digits = strspn(value, "01234567");
    return len == digits && len >= 3 && len <= 5 && (len < 5 || value[0] == '0');
}

static bool is_id(const struct mount_option *option, const char *value) {
    int64_t number;
    if (schema_parse_int(value, &number))
        return number >= option->min && number <= option->max;
    size_t len = strlen(value);
    return len > 0 && len <= 32 && strchr("-0123456789", value[0]) == NULL &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-$") ==
               len;
}

static bool is_text(const struct mount_option *option, const char *value) {
    size_t len = strlen(value);
    return (int64_t)len >= option->min && (int64_t)len <= option->max &&
           strchr(value, ',') == NULL && str_is_clean(value, len);
}

/* The value itself is never printed: it may be a password in the wrong place. */
static int check_value(const struct mount_option *option, const char *value, struct err *err) {
    int64_t number = 0;
    switch (option->kind) {
    case MOUNT_OPTION_INT:
        if (schema_parse_int(value, &number) && number >= option->min && number <= option->max)
            return 0;
        return err_set(err, EINVAL, "%s must be %" PRId64 " to %" PRId64, option->name, option->min,
                       option->max);
    case MOUNT_OPTION_OCTAL:
        return is_octal(value)
                   ? 0
                   : err_set(err, EINVAL, "%s must be an octal mode such as 0640", option->name);
    case MOUNT_OPTION_ID:
        return is_id(option, value)
                   ? 0
                   : err_set(err, EINVAL, "%s must be a number or a name", option->name);
    case MOUNT_OPTION_CHOICE:
        return check_choice(option, value, err);
    case MOUNT_OPTION_TEXT:
        return is_text(option, value)
                   ? 0
                   : err_set(err, EINVAL,
                             "%s must be 1 to %d bytes without comma and control characters",
                             option->name, TEXT_MAX);
    case MOUNT_OPTION_FLAG:
    case MOUNT_OPTION_VFS:
    case MOUNT_OPTION_FORCED:
        break;
    }
    return err_set(err, EINVAL, "%s takes no value", option->name);
}

int mount_option_check(const char *word, struct err *err) {
    char name[NAME_SHOWN + 1] = "";
    size_t len = strcspn(word, "=");
    memcpy(name, word, len < NAME_SHOWN ? len : NAME_SHOWN);
    if (len == 0 || strcspn(word, " \t,") < len)
        return err_set(err, EINVAL, "a mount option is one word, 'key' or 'key=value'");
    const struct mount_option *option = mount_option_find(word, len);
    if (option == NULL)
        return refuse_name(name, err);
    bool flag = option->kind == MOUNT_OPTION_FLAG || option->kind == MOUNT_OPTION_VFS ||
                option->kind == MOUNT_OPTION_FORCED;
    if (word[len] == '=')
        return check_value(option, word + len + 1, err);
    return flag ? 0 : err_set(err, EINVAL, "%s needs a value (%s=...)", name, name);
}
