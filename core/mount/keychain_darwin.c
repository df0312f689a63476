/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The System keychain by its old interface, the only one that works without a login session. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mount/credential_parts.h"
#include "mount/keychain.h"
#include "os/darwin_sdk.h"
#include "os/os.h"

#ifndef SMBMOUNTER_SHIM
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#endif

#define SYSTEM_KEYCHAIN "/Library/Keychains/System.keychain"
#define AUTH_FAILED (-25293)
#define INTERACTION_NOT_ALLOWED (-25308)
#define ITEM_NOT_FOUND (-25300)

static void release(CFTypeRef object) {
    if (object != NULL)
        CFRelease(object);
}

/* Whoever runs this program could ask for the password that it may read: only root gets it. */
static int check_root(const struct config_mount *mount, struct err *err) {
    if (geteuid() == 0)
        return 0;
    return err_set(err, EPERM, "keychain: only root may use the password of mount '%s'",
                   mount->name);
}

/* Without this a question would wait on the screen for a person, for ever. */
static OSStatus open_keychain(SecKeychainRef *keychain) {
    OSStatus status = SecKeychainSetUserInteractionAllowed(false);
    return status == errSecSuccess ? SecKeychainOpen(SYSTEM_KEYCHAIN, keychain) : status;
}

/* password and item as wanted; either may be NULL. */
static OSStatus find(SecKeychainRef keychain, const struct config_mount *mount, const char *user,
                     UInt32 *len, void **password, SecKeychainItemRef *item) {
    return SecKeychainFindInternetPassword(
        keychain, (UInt32)strlen(mount->server), mount->server, 0, NULL, (UInt32)strlen(user), user,
        0, NULL, 0, (SecProtocolType)kSecProtocolTypeSMB,
        (SecAuthenticationType)kSecAuthenticationTypeDefault, len, password, item);
}

static int take_password(const struct config_mount *mount, void *password, UInt32 len,
                         struct credentials *credentials, struct err *err) {
    int rc = memchr(password, '\0', len) != NULL
                 ? err_set(err, EINVAL, "keychain: the password of mount '%s' contains a NUL byte",
                           mount->name)
                 : credential_set_password(credentials, password, len, "keychain", err);
    os_wipe(password, len);
    (void)SecKeychainItemFreeContent(NULL, password);
    return rc;
}

int keychain_read(const struct config_mount *mount, struct credentials *credentials,
                  struct err *err) {
    SecKeychainRef keychain = NULL;
    void *password = NULL;
    UInt32 len = 0;
    int rc = check_root(mount, err);
    if (rc != 0)
        return rc;
    if (mount->username[0] == '\0')
        return err_set(err, EINVAL,
                       "keychain: add 'username:' to mount '%s', by which its password is found",
                       mount->name);
    OSStatus status = open_keychain(&keychain);
    if (status == errSecSuccess)
        status = find(keychain, mount, mount->username, &len, &password, NULL);
    rc = status == errSecSuccess ? take_password(mount, password, len, credentials, err)
                                 : keychain_explain(status, mount, err);
    release(keychain);
    return rc;
}

static SecKeychainAttribute text_attribute(UInt32 tag, const char *text) {
    union { /* the interface wants it writable and only reads it */
        const char *given;
        void *wanted;
    } data = {.given = text};
    return (SecKeychainAttribute){.tag = tag, .length = (UInt32)strlen(text), .data = data.wanted};
}

/* Trusted is this program alone (a NULL list). */
static OSStatus create(SecKeychainRef keychain, const struct config_mount *mount, const char *user,
                       const struct secret *password) {
    char label[CONFIG_NAME_MAX + 16];
    SecProtocolType protocol = (SecProtocolType)kSecProtocolTypeSMB;
    SecAuthenticationType type = (SecAuthenticationType)kSecAuthenticationTypeDefault;
    SecAccessRef access = NULL;
    SecKeychainItemRef item = NULL;
    snprintf(label, sizeof label, "smbmounter (%s)", mount->name);
    SecKeychainAttribute attributes[] = {
        text_attribute(kSecLabelItemAttr, label),
        text_attribute(kSecServerItemAttr, mount->server),
        text_attribute(kSecAccountItemAttr, user),
        {.tag = kSecProtocolItemAttr, .length = sizeof protocol, .data = &protocol},
        {.tag = kSecAuthenticationTypeItemAttr, .length = sizeof type, .data = &type},
    };
    SecKeychainAttributeList list = {.count = sizeof attributes / sizeof attributes[0],
                                     .attr = attributes};
    OSStatus status = SecAccessCreate(CFSTR("smbmounter"), NULL, &access);
    if (status == errSecSuccess)
        status = SecKeychainItemCreateFromContent(kSecInternetPasswordItemClass, &list,
                                                  (UInt32)password->len, password->bytes, keychain,
                                                  access, &item);
    release(item);
    release(access);
    return status;
}

/* An item that an older build of this program made does not let itself be changed: then a new one
 * takes its place. Never with an access list, which would ask on the screen. */
static OSStatus replace(SecKeychainRef keychain, const struct config_mount *mount, const char *user,
                        const struct secret *password, SecKeychainItemRef item) {
    OSStatus status =
        SecKeychainItemModifyAttributesAndData(item, NULL, (UInt32)password->len, password->bytes);
    if (status == errSecSuccess) {
        /* Changed, but can it be read? Its access list may name the older build. */
        void *stored = NULL;
        UInt32 len = 0;
        status = find(keychain, mount, user, &len, &stored, NULL);
        if (status == errSecSuccess) {
            os_wipe(stored, len);
            (void)SecKeychainItemFreeContent(NULL, stored);
        }
    }
    if (status != AUTH_FAILED && status != INTERACTION_NOT_ALLOWED)
        return status;
    status = SecKeychainItemDelete(item);
    return status == errSecSuccess ? create(keychain, mount, user, password) : status;
}

int keychain_store(const struct config_mount *mount, const char *username,
                   const struct secret *password, struct err *err) {
    SecKeychainRef keychain = NULL;
    SecKeychainItemRef item = NULL;
    const char *user = username[0] != '\0' ? username : mount->username;
    int rc = check_root(mount, err);
    if (rc != 0)
        return rc;
    if (strcmp(user, mount->username) != 0 || user[0] == '\0')
        return err_set(err, EINVAL,
                       "keychain: the password is found by the user's name, so add 'username: %s' "
                       "to mount '%s' in the configuration first",
                       user[0] != '\0' ? user : "NAME", mount->name);
    OSStatus status = open_keychain(&keychain);
    if (status == errSecSuccess) {
        status = find(keychain, mount, user, NULL, NULL, &item);
        if (status == errSecSuccess)
            status = replace(keychain, mount, user, password, item);
        else if (status == ITEM_NOT_FOUND)
            status = create(keychain, mount, user, password);
    }
    release(item);
    release(keychain);
    return status == errSecSuccess ? 0 : keychain_explain(status, mount, err);
}
