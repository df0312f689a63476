/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "config/mount_options.h"
#include "mount/cifs.h"
#include "play.h"

static struct helper_request request;
static struct credentials credentials;
static struct cifs_options options;
static struct err err;

static void set_up(void) {
    static char name[] = "media", server[] = "nas", share[] = "films", user[] = "floof";
    play_request(&request, HELPER_MOUNT);
    request.mount.name = name;
    request.mount.server = server;
    request.mount.share = share;
    request.mount.username = user;
    credentials = (struct credentials){.username = "floof"};
    cr_assert_eq(secret_alloc(&credentials.password, &err), 0);
}

static void tear_down(void) {
    credentials_wipe(&credentials);
}

TestSuite(cifs, .init = set_up, .fini = tear_down);

static void set_password(const char *bytes, size_t len) {
    memcpy(credentials.password.bytes, bytes, len);
    credentials.password.bytes[len] = '\0';
    credentials.password.len = len;
}

static int build(char **words, size_t len) {
    request.mount.options = (struct config_words){words, len};
    int rc = cifs_build_options(&request.mount, "10.0.0.1", &options, &err);
    return rc == 0 ? cifs_add_login(&options, &request.mount, &credentials, &err) : rc;
}

static const char *value_of(const char *key) {
    for (size_t i = 0; i < options.len; i++)
        if (strcmp(options.items[i].key, key) == 0)
            return options.items[i].flag ? "(flag)" : options.items[i].value;
    return NULL;
}

/* The kernel's reading of the data: commas part words, two commas are one inside a word. */
static char *next_word(char **at, char *word) {
    char *to = word;
    if (*at == NULL)
        return NULL;
    for (; **at != '\0'; (*at)++) {
        if (**at == ',' && (*at)[1] != ',')
            break;
        if (**at == ',')
            (*at)++;
        *to++ = **at;
    }
    *to = '\0';
    *at = **at == ',' ? *at + 1 : NULL;
    return word;
}

static void check_round_trip(void) {
    char data[4096], word[4096], want[2048], *at = data;
    cr_assert_eq(cifs_data_string(&options, &credentials.password, data, sizeof data, &err), 0,
                 "%s", err.text);
    for (size_t i = 0; i < options.len; i++) {
        const struct cifs_option *o = &options.items[i];
        snprintf(want, sizeof want, "%s%s%s", o->key, o->flag ? "" : "=", o->value);
        cr_assert_str_eq(next_word(&at, word), want);
    }
    snprintf(want, sizeof want, "pass=%s", credentials.password.bytes);
    cr_assert_str_eq(next_word(&at, word), want);
    cr_assert_null(at, "something follows the password: %s", at);
}

Test(cifs, what_is_always_there) {
    char *words[] = {(char[]){"soft"}, (char[]){"nosuid"},     (char[]){"nodev"},
                     (char[]){"ro"},   (char[]){"vers=3.1.1"}, (char[]){"seal"}};
    cr_assert_eq(build(words, 6), 0, "%s", err.text);
    cr_assert_str_eq(value_of("user"), "floof");
    cr_assert_str_eq(value_of("ip"), "10.0.0.1");
    cr_assert_str_eq(value_of("vers"), "3.1.1");
    cr_assert_str_eq(value_of("seal"), "(flag)");
    cr_assert_str_eq(value_of("soft"), "(flag)");
    cr_assert_null(value_of("nosuid"));
    cr_assert_null(value_of("ro"));
    cr_assert_null(value_of("pass"));
    cr_assert_eq(options.ms_flags & (MS_NOSUID | MS_NODEV | MS_RDONLY),
                 MS_NOSUID | MS_NODEV | MS_RDONLY);
    cr_assert_eq(build(NULL, 0), 0);
    cr_assert_eq(options.ms_flags, MS_NOSUID | MS_NODEV);
}

Test(cifs, domain_in_the_user_name) {
    strcpy(credentials.username, "WORK\\floof");
    cr_assert_eq(build(NULL, 0), 0);
    cr_assert_str_eq(value_of("user"), "floof");
    cr_assert_str_eq(value_of("domain"), "WORK");
}

Test(cifs, guest_and_kerberos_need_no_user) {
    char *words[] = {(char[]){"sec=krb5"}};
    credentials.username[0] = '\0';
    request.mount.credential = CONFIG_CREDENTIAL_GUEST;
    cr_assert_eq(build(NULL, 0), 0);
    cr_assert_str_eq(value_of("user"), "");
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    cr_assert_eq(build(NULL, 0), -EINVAL);
    cr_assert_eq(build(words, 1), 0);
    cr_assert_null(value_of("user"));
}

Test(cifs, nothing_can_smuggle_an_option_in) {
    static const char *const bad[] = {"a,uid=0", "a\nb", "a\x01", "\x7f", "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        strcpy(credentials.username, bad[i]);
        cr_assert_eq(build(NULL, 0), -EINVAL);
        strcpy(credentials.username, "floof");
        strcpy(credentials.domain, bad[i]);
        cr_assert_eq(build(NULL, 0), -EINVAL);
        credentials.domain[0] = '\0';
    }
    char *unknown[] = {(char[]){"credentials=/etc/shadow"}};
    cr_assert_eq(build(unknown, 1), -EINVAL);
    char *comma[] = {(char[]){"iocharset=utf8,uid=0"}};
    cr_assert_eq(build(comma, 1), -EINVAL);
}

Test(cifs, local_user_sets_owner_and_modes_unless_given) {
    static char root[] = "root";
    char *words[] = {(char[]){"file_mode=0640"}, (char[]){"uid=daemon"}};
    request.mount.local_user = root;
    cr_assert_eq(build(words, 2), 0, "%s", err.text);
    cr_assert_str_eq(value_of("uid"), "1");
    cr_assert_str_eq(value_of("gid"), "0");
    cr_assert_str_eq(value_of("dir_mode"), "0700");
    cr_assert_str_eq(value_of("file_mode"), "0640");
    static char nobody[] = "no-such-user-here";
    request.mount.local_user = nobody;
    cr_assert_eq(build(NULL, 0), -ENOENT);
}

Test(cifs, every_byte_of_a_password_at_every_place) {
    cr_assert_eq(build(NULL, 0), 0);
    for (int byte = 1; byte < 256; byte++) {
        if (byte == '\n')
            continue;
        for (size_t place = 0; place < 5; place++) {
            char text[] = "abcde";
            text[place] = (char)byte;
            set_password(text, 5);
            check_round_trip();
        }
    }
    for (size_t commas = 0; commas < 20; commas++) {
        set_password(",,,,,,,,,,,,,,,,,,,,", commas);
        check_round_trip();
    }
}

static unsigned next_random(unsigned *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A word that the checker accepts, from its own table. */
static void random_word(unsigned *state, char *word, size_t size) {
    const struct mount_option *row;
    do
        row = &mount_option_table[next_random(state) % mount_option_table_len];
    while (row->kind == MOUNT_OPTION_CHOICE);
    unsigned number = next_random(state);
    if (row->kind == MOUNT_OPTION_INT)
        snprintf(word, size, "%s=%lld", row->name,
                 (long long)row->min + number % (unsigned long long)(row->max - row->min + 1));
    else if (row->kind == MOUNT_OPTION_OCTAL)
        snprintf(word, size, "%s=0%o", row->name, number % 01000);
    else if (row->kind == MOUNT_OPTION_ID)
        snprintf(word, size, "%s=%u", row->name, number % 70000);
    else if (row->kind == MOUNT_OPTION_TEXT)
        snprintf(word, size, "%s=t=%u x", row->name, number);
    else
        snprintf(word, size, "%s", row->name);
}

Test(cifs, a_hundred_thousand_random_configurations_read_back) {
    unsigned state = 1;
    for (int round = 0; round < 100000; round++) {
        char words[6][128], *list[6], password[64];
        size_t len = next_random(&state) % 6, password_len = next_random(&state) % 63;
        for (size_t i = 0; i < len; i++) {
            random_word(&state, words[i], sizeof words[i]);
            list[i] = words[i];
        }
        for (size_t i = 0; i < password_len; i++)
            password[i] =
                next_random(&state) % 3 == 0 ? ',' : (char)(1 + next_random(&state) % 255);
        set_password(password, password_len);
        cr_assert_eq(build(list, len), 0, "%s", err.text);
        check_round_trip();
    }
}

Test(cifs, owners_are_numbers_or_names_that_exist) {
    char *words[] = {(char[]){"uid=root"}, (char[]){"gid=root"}, (char[]){"cruid=12"}};
    cr_assert_eq(build(words, 3), 0, "%s", err.text);
    cr_assert_str_eq(value_of("uid"), "0");
    cr_assert_str_eq(value_of("gid"), "0");
    cr_assert_str_eq(value_of("cruid"), "12");
    char *nobody[] = {(char[]){"uid=no-such-user"}}, *none[] = {(char[]){"gid=no-such-group"}};
    cr_assert_neq(build(nobody, 1), 0);
    cr_assert_neq(build(none, 1), 0);
    char empty[] = "uid", bang[] = "uid=!";
    char *odd[] = {empty}, *low[] = {bang};
    cr_assert_neq(build(odd, 1), 0);
    cr_assert_neq(build(low, 1), 0);
}

/* A word with this row's name and a value that it takes. */
static void good_word(const struct mount_option *row, char *word, size_t size) {
    static const char tees[] = "tttttttttttttttt";
    bool number = row->kind == MOUNT_OPTION_INT || row->kind == MOUNT_OPTION_ID ||
                  row->kind == MOUNT_OPTION_OCTAL;
    if (row->kind == MOUNT_OPTION_FLAG || row->kind == MOUNT_OPTION_FORCED)
        snprintf(word, size, "%s", row->name);
    else
        snprintf(word, size, "%s=%s", row->name, number ? "5" : tees);
}

Test(cifs, more_options_than_there_is_room_for_are_refused) {
    static char words[128][64], local_user[] = "root";
    static char *list[128];
    size_t len = 0, built = 0;
    for (size_t i = 0; i < mount_option_table_len && len < 128; i++)
        if (mount_option_table[i].kind != MOUNT_OPTION_VFS &&
            strcmp(mount_option_table[i].name, "uid") != 0 &&
            strcmp(mount_option_table[i].name, "gid") != 0 &&
            strstr(mount_option_table[i].name, "_mode") == NULL) {
            good_word(&mount_option_table[i], words[len], sizeof words[len]);
            list[len] = words[len];
            len++;
        }
    request.mount.local_user = local_user;
    request.mount.port = 445;
    strcpy(credentials.domain, "D");
    for (size_t n = 0; n <= len; n++) {
        int rc = build(list, n);
        cr_assert(rc == 0 || strstr(err.text, "more than 64") != NULL, "%s", err.text);
        cr_assert(options.len <= CIFS_OPTIONS_MAX);
        built += rc == 0;
    }
    /* What local_user adds last must have met every place of the end. */
    cr_assert(built > 0 && built + 3 <= len, "%zu of %zu", built, len);
}

Test(cifs, port_and_domain_are_taken_from_where_they_stand_first) {
    char *words[] = {(char[]){"port=1445"}, (char[]){"sec=ntlmssp"}};
    request.mount.port = 4450;
    cr_assert_eq(build(NULL, 0), 0);
    cr_assert_str_eq(value_of("port"), "4450");
    cr_assert_eq(build(words, 2), 0, "%s", err.text);
    cr_assert_str_eq(value_of("port"), "1445");
    strcpy(credentials.username, "A\\floof");
    strcpy(credentials.domain, "B");
    cr_assert_eq(build(NULL, 0), 0);
    cr_assert_str_eq(value_of("user"), "A\\floof");
    cr_assert_str_eq(value_of("domain"), "B");
}

Test(cifs, without_a_password_or_room_there_is_none) {
    const struct secret none = {0};
    char data[256];
    cr_assert_eq(build(NULL, 0), 0);
    cr_assert_eq(cifs_data_string(&options, &none, data, sizeof data, &err), 0);
    cr_assert_null(strstr(data, "pass="));
    cr_assert_eq(cifs_data_string(&options, &none, data, 0, &err), -E2BIG);
    options.len = 0;
    set_password("x", 1);
    cr_assert_eq(cifs_data_string(&options, &credentials.password, data, sizeof data, &err), 0);
    cr_assert_str_eq(data, "pass=x");
}

Test(cifs, what_is_too_long_or_unknown_is_refused) {
    char text[400] = "netbiosname=";
    char *words[] = {text}, *strange[] = {(char[]){"no-such-option=1"}};
    memset(text + 12, 'x', sizeof text - 13);
    cr_assert_eq(build(words, 1), -EINVAL);
    cr_assert_eq(build(strange, 1), -EINVAL);
    request.mount.options = (struct config_words){0};
    cr_assert_eq(cifs_build_options(&request.mount, "a,b", &options, &err), -EINVAL);
}

Test(cifs, what_does_not_fit_leaves_nothing_behind) {
    char data[64];
    set_password("secret,secret", 13);
    cr_assert_eq(build(NULL, 0), 0);
    for (size_t size = 1; size < 50; size++) {
        memset(data, 'x', sizeof data);
        int rc = cifs_data_string(&options, &credentials.password, data, size, &err);
        cr_assert_eq(data[size], 'x');
        if (rc == 0)
            continue;
        cr_assert_eq(rc, -E2BIG);
        cr_assert_null(memmem(data, sizeof data, "secret", 6));
    }
}

Test(cifs, errors_have_a_class_and_a_hint) {
    static const struct {
        int os_errno;
        const char *log, *status;
        enum helper_class class;
        const char *word;
    } cases[] = {
        {EACCES, "", "STATUS_LOGON_FAILURE", HELPER_AUTH, "smbmounter setup media"},
        {EACCES, "", "STATUS_ACCOUNT_LOCKED_OUT", HELPER_AUTH, "locked"},
        {EACCES, "", "STATUS_ACCESS_DENIED", HELPER_AUTH, "share 'films'"},
        {EACCES, "", "", HELPER_AUTH, "not into share 'films' (Permission denied)"},
        {EACCES, "", CIFS_UNREAD, HELPER_AUTH, "or rights on the share (Permission denied)"},
        {EIO, "", "STATUS_PASSWORD_MUST_CHANGE", HELPER_AUTH, "must change the password"},
        {EKEYEXPIRED, "", "STATUS_PASSWORD_EXPIRED", HELPER_AUTH, "expired"},
        {EKEYREVOKED, "", "", HELPER_AUTH, "disabled"},
        {ENOENT, "", "STATUS_BAD_NETWORK_NAME", HELPER_ABSENT, "share 'films'"},
        {ENOENT, "", "STATUS_LOGON_FAILURE", HELPER_ABSENT, "share 'films'"},
        {EINVAL, "e cifs: Unknown parameter 'foo'", "", HELPER_CONFIG, "(cifs: Unknown parameter"},
        {ENODEV, "", "", HELPER_CONFIG, "modprobe cifs"},
        {EOPNOTSUPP, "", "", HELPER_CONFIG, "vers="},
        {ECONNREFUSED, "", "", HELPER_TRANSIENT, "server 'nas'"},
        {EINPROGRESS, "", "", HELPER_TRANSIENT, "server 'nas'"},
        {EHOSTDOWN, "", "", HELPER_TRANSIENT, "server 'nas'"},
        {EIO, "", "", HELPER_TRANSIENT, "Input/output error"},
    };
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[ERR_TEXT_MAX];
        cr_assert_eq(cifs_explain(cases[i].os_errno, cases[i].log, cases[i].status, &request.mount,
                                  text, sizeof text),
                     cases[i].class, "%d", cases[i].os_errno);
        cr_assert_not_null(strstr(text, cases[i].word), "%s", text);
    }
}

Test(cifs, a_refused_login_is_told_from_a_refused_share) {
    static const struct {
        int os_errno;
        const char *status;
        enum login_refusal refusal;
    } cases[] = {
        {EACCES, "STATUS_LOGON_FAILURE", LOGIN_REFUSED},
        {EACCES, "STATUS_ACCOUNT_LOCKED_OUT", LOGIN_REFUSED},
        {EKEYEXPIRED, "STATUS_PASSWORD_EXPIRED", LOGIN_REFUSED},
        {EKEYREVOKED, "STATUS_ACCOUNT_DISABLED", LOGIN_REFUSED},
        {EKEYREVOKED, "", LOGIN_REFUSED},
        {EACCES, "STATUS_ACCESS_DENIED", LOGIN_NOT_REFUSED},
        {EACCES, "", LOGIN_NOT_REFUSED},
        {EACCES, CIFS_UNREAD, LOGIN_PERHAPS_REFUSED},
        {EIO, "STATUS_PASSWORD_MUST_CHANGE", LOGIN_REFUSED},
        {EIO, "STATUS_ACCESS_DENIED", LOGIN_NOT_REFUSED},
        {EACCES, "STATUS_NEVER_HEARD_OF", LOGIN_PERHAPS_REFUSED},
        {ENOENT, "STATUS_LOGON_FAILURE", LOGIN_NOT_REFUSED}, /* another mount's */
        {EHOSTDOWN, "STATUS_LOGON_FAILURE", LOGIN_NOT_REFUSED},
        {EIO, "", LOGIN_NOT_REFUSED},
    };
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(cifs_refusal(cases[i].os_errno, cases[i].status, &request.mount),
                     cases[i].refusal, "%d %s", cases[i].os_errno, cases[i].status);
    request.mount.credential = CONFIG_CREDENTIAL_GUEST;
    cr_assert_eq(cifs_refusal(EACCES, "STATUS_LOGON_FAILURE", &request.mount), LOGIN_NOT_REFUSED);
}

Test(cifs, hostile_texts_are_escaped_and_percent_signs_are_text) {
    static char user[] = "%n%s\x1b[2J";
    char text[ERR_TEXT_MAX];
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    request.mount.username = user;
    cifs_explain(EACCES, "", "STATUS_LOGON_FAILURE", &request.mount, text, sizeof text);
    cr_assert_not_null(strstr(text, "'%n%s\\x1b[2J'"), "%s", text);
    for (size_t size = 1; size < 200; size++)
        cifs_explain(EACCES, "\x1b", "", &request.mount, text, size);
    cr_assert_null(strchr(text, '\x1b'));
}
