/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* NetFS, the keychain, the kernel and its sessions, as the test wants them. */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mount/netfs.h"
#include "os/darwin_sdk.h"
#include "os/session.h"
#include "shim.h"
#include "shim_object.h"

#define AUTH_FAILED (-25293)
#define ITEM_NOT_FOUND (-25300)
#define DUPLICATE_ITEM (-25299)

struct mac *mac;

void mac_reset(void) {
    if (mac == NULL)
        mac = mmap(NULL, sizeof *mac, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mac == MAP_FAILED)
        abort();
    *mac = (struct mac){.next_id = 0x1a00000123, .asked_on_screen = true, .logged_in = true};
    mac_mount("apfs", "/dev/disk3s1", "/", 0);
    shim_live = shim_over_released = 0;
}

uint64_t mac_mount(const char *fstype, const char *source, const char *path, uint32_t owner) {
    if (mac->mounts_len == MAC_MOUNTS)
        abort();
    struct darwin_mount *m = &mac->mounts[mac->mounts_len++];
    *m = (struct darwin_mount){.id = mac->next_id++, .owner = owner};
    m->device = (uint32_t)m->id;
    snprintf(m->fstype, sizeof m->fstype, "%s", fstype);
    snprintf(m->source, sizeof m->source, "%s", source);
    snprintf(m->mountpoint, sizeof m->mountpoint, "%s", path);
    return m->id;
}

static void copy(char *to, size_t size, const void *object) {
    snprintf(to, size, "%s", object != NULL ? ((const struct object *)object)->text : "");
}

static bool is_true(const void *dictionary, const char *key) {
    const struct object *o = object_get(dictionary, key);
    return o != NULL && o->kind == BOOLEAN && o->number != 0;
}

static bool says(const void *dictionary, const char *key, const char *value) {
    const struct object *o = object_get(dictionary, key);
    return o != NULL && o->kind == STRING && strcmp(o->text, value) == 0;
}

static void note(const struct mac_call *options) {
    mac->last = *options;
    mac->last.uid = getuid();
    mac->last.euid = geteuid();
    mac->last.gid = getgid();
    mac->last.groups_len = getgroups(64, mac->last.groups);
    mac->last.can_return = geteuid() != 0 && setuid(0) == 0;
}

/* "smb://user@nas/share" -> "//user@nas/share", as the kernel shows it. */
static void mount_it(const char *place) {
    char source[2600];
    snprintf(source, sizeof source, "%s", strstr(mac->last.url, "//"));
    mac_mount("smbfs", source, place, mac->last.euid);
    mac->mounts[mac->mounts_len - 1].flags = (uint32_t)mac->last.flags;
}

int NetFSMountURLSync(CFURLRef url, CFURLRef mountpath, CFStringRef user, CFStringRef password,
                      CFMutableDictionaryRef open_options, CFMutableDictionaryRef mount_options,
                      CFArrayRef *mountpoints) {
    struct mac_call call = {
        .no_ui = says(open_options, "UIOption", "NoUI"),
        .loopback = is_true(open_options, "AllowLoopback"),
        .new_session = is_true(open_options, "ForceNewSession"),
        .no_preferences = is_true(open_options, "NoUserPreferences"),
        .guest = is_true(open_options, "Guest"),
        .soft = is_true(mount_options, "SoftMount"),
        .at_dir = is_true(mount_options, "MountAtMountDir"),
        .mount_no_ui = says(mount_options, "UIOption", "NoUI"),
        .mount_new_session = is_true(mount_options, "ForceNewSession"),
        .flags = object_get(mount_options, "MountFlags")->number,
    };
    copy(call.url, sizeof call.url, url);
    copy(call.mountpoint, sizeof call.mountpoint, mountpath);
    copy(call.user, sizeof call.user, user);
    copy(call.password, sizeof call.password, password);
    note(&call);
    int at = mac->calls++;
    int code = mac->codes_len == 0 ? 0 : mac->codes[at < mac->codes_len ? at : mac->codes_len - 1];
    (void)poll(NULL, 0, (int)mac->takes_ms);
    if (code != 0)
        return code;
    const char *place = mac->other_place != NULL ? mac->other_place : mac->last.mountpoint;
    mount_it(place);
    struct object *list = object_new(ARRAY, NULL, 0);
    list->values[list->len++] = object_new(STRING, place, strlen(place));
    *mountpoints = (CFArrayRef)list;
    return 0;
}

/* --- the keychain --- */
OSStatus SecKeychainSetUserInteractionAllowed(Boolean allowed) {
    mac->asked_on_screen = allowed != 0;
    return 0;
}

OSStatus SecKeychainOpen(const char *path, SecKeychainRef *keychain) {
    if (strcmp(path, "/Library/Keychains/System.keychain") != 0)
        return -25294;
    *keychain = (SecKeychainRef)(void *)object_new(OPAQUE, NULL, 0);
    return 0;
}

static bool is_text(const char *text, UInt32 len, const char *wanted) {
    return strlen(wanted) == len && memcmp(text, wanted, len) == 0;
}

/* A password is handed out with a mark behind it, by which its return is known. */
OSStatus SecKeychainFindInternetPassword(CFTypeRef keychain, UInt32 server_len, const char *server,
                                         UInt32 domain_len, const char *domain, UInt32 account_len,
                                         const char *account, UInt32 path_len, const char *path,
                                         UInt16 port, SecProtocolType protocol,
                                         SecAuthenticationType type, UInt32 *password_len,
                                         void **password, SecKeychainItemRef *item) {
    (void)keychain, (void)domain_len, (void)domain, (void)path_len, (void)path, (void)port,
        (void)type;
    if (mac->keychain_status != 0)
        return mac->keychain_status;
    for (int i = 0; i < MAC_ITEMS && protocol == (SecProtocolType)kSecProtocolTypeSMB; i++) {
        struct mac_item *it = &mac->items[i];
        if (!it->there || !is_text(server, server_len, it->server) ||
            !is_text(account, account_len, it->account))
            continue;
        if (password != NULL && (it->foreign || mac->asked_on_screen))
            return AUTH_FAILED;
        if (password != NULL) {
            *password_len = (UInt32)strlen(it->password);
            *password = strdup(it->password);
            shim_live++;
        }
        if (item != NULL) {
            struct object *o = object_new(OPAQUE, NULL, 0);
            o->number = i;
            *item = (SecKeychainItemRef)(void *)o;
        }
        return 0;
    }
    return ITEM_NOT_FOUND;
}

OSStatus SecKeychainItemFreeContent(SecKeychainAttributeList *attributes, void *data) {
    (void)attributes;
    mac->leaked = mac->leaked || ((const char *)data)[0] != '\0';
    free(data);
    shim_live--;
    return 0;
}

OSStatus SecAccessCreate(CFStringRef label, CFArrayRef trusted, SecAccessRef *access) {
    (void)label;
    if (trusted != NULL) /* NULL: this program alone */
        return -50;
    mac->access_lists++;
    *access = (SecAccessRef)(void *)object_new(OPAQUE, NULL, 0);
    return 0;
}

static void take(char *to, size_t size, const SecKeychainAttributeList *list, UInt32 tag) {
    for (UInt32 i = 0; i < list->count; i++)
        if (list->attr[i].tag == tag)
            snprintf(to, size, "%.*s", (int)list->attr[i].length, (const char *)list->attr[i].data);
}

OSStatus SecKeychainItemCreateFromContent(SecItemClass class, SecKeychainAttributeList *attributes,
                                          UInt32 len, const void *data, SecKeychainRef keychain,
                                          SecAccessRef access, SecKeychainItemRef *item) {
    struct mac_item *it = mac->items;
    if (mac->keychain_status != 0)
        return mac->keychain_status;
    if (class != (SecItemClass)kSecInternetPasswordItemClass || access == NULL || keychain == NULL)
        return -50;
    while (it < mac->items + MAC_ITEMS && it->there)
        it++;
    if (it == mac->items + MAC_ITEMS)
        return DUPLICATE_ITEM;
    *it = (struct mac_item){.there = true};
    take(it->server, sizeof it->server, attributes, kSecServerItemAttr);
    take(it->account, sizeof it->account, attributes, kSecAccountItemAttr);
    take(it->label, sizeof it->label, attributes, kSecLabelItemAttr);
    snprintf(it->password, sizeof it->password, "%.*s", (int)len, (const char *)data);
    *item = (SecKeychainItemRef)(void *)object_new(OPAQUE, NULL, 0);
    return 0;
}

OSStatus SecKeychainItemModifyAttributesAndData(SecKeychainItemRef item,
                                                const SecKeychainAttributeList *attributes,
                                                UInt32 len, const void *data) {
    struct mac_item *it = &mac->items[((const struct object *)(const void *)item)->number];
    if (attributes != NULL) /* would ask on the screen when it is about access */
        return -25308;
    snprintf(it->password, sizeof it->password, "%.*s", (int)len, (const char *)data);
    return 0;
}

OSStatus SecKeychainItemDelete(SecKeychainItemRef item) {
    mac->items[((const struct object *)(const void *)item)->number].there = false;
    return 0;
}
