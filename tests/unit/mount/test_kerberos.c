/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* With Kerberos there is a ticket instead of a password, so other things are to be done. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "mount/cifs.h"
#include "play.h"

static struct helper_request request;
static char text[ERR_TEXT_MAX];

static void use_security(char *word) {
    static char name[] = "media", server[] = "nas", share[] = "films", user[] = "floof";
    static char first[] = "soft";
    static char *words[2] = {first};
    words[1] = word;
    play_request(&request, HELPER_MOUNT);
    request.mount.name = name;
    request.mount.server = server;
    request.mount.share = share;
    request.mount.username = user;
    request.mount.credential = CONFIG_CREDENTIAL_FILE;
    request.mount.options = (struct config_words){words, 2};
}

static enum helper_class explain(int os_errno, const char *status) {
    return cifs_explain(os_errno, "", status, &request.mount, text, sizeof text);
}

Test(kerberos, without_a_ticket_one_must_be_got) {
    static char krb5[] = "sec=krb5", krb5i[] = "sec=krb5i", ntlm[] = "sec=ntlmssp";
    use_security(krb5);
    cr_assert_eq(explain(ENOENT, ""), HELPER_AUTH);
    cr_assert_not_null(strstr(text, "kinit"), "%s", text);
    cr_assert_not_null(strstr(text, "smbmounter mount media"), "%s", text);
    cr_assert_eq(explain(ENOENT, "STATUS_BAD_NETWORK_NAME"), HELPER_ABSENT, "the server said more");
    use_security(krb5i);
    cr_assert_eq(explain(ENOENT, ""), HELPER_AUTH);
    use_security(ntlm);
    cr_assert_eq(explain(ENOENT, ""), HELPER_ABSENT);
}

/* Nobody's password can be locked by it, so other mounts of the account need not be held back. */
Test(kerberos, a_refusal_is_none_of_a_password) {
    static char krb5[] = "sec=krb5", ntlm[] = "sec=ntlmsspi";
    use_security(krb5);
    cr_assert_eq(cifs_refusal(EACCES, "STATUS_LOGON_FAILURE", &request.mount), LOGIN_NOT_REFUSED);
    use_security(ntlm);
    cr_assert_eq(cifs_refusal(EACCES, "STATUS_LOGON_FAILURE", &request.mount), LOGIN_REFUSED);
    cr_assert_eq(cifs_refusal(ENOSYS, "", &request.mount), LOGIN_NOT_REFUSED);
}
