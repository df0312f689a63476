/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The little that is used of macOS's frameworks, declared by hand. With an SDK its own headers come
 * first (SMBMOUNTER_SDK), so that a wrong declaration or number here does not compile; without one
 * (the cross build; the tests on Linux, SMBMOUNTER_SHIM) these are all there is.
 */
#ifndef OS_DARWIN_SDK_H
#define OS_DARWIN_SDK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef SMBMOUNTER_SDK
#include <CoreFoundation/CoreFoundation.h>
#include <NetFS/NetFS.h>
#include <Security/Security.h>
#include <membership.h>
#include <notify.h>
#include <sys/xattr.h>
#define SDK_NUMBER(name, value) _Static_assert((int)(name) == (int)(value), #name)
#else
#include "os/darwin_types.h"
#define SDK_NUMBER(name, value) enum { name = (int)(value) }
#endif

/* CoreFoundation */
extern const CFAllocatorRef kCFAllocatorDefault;
extern const CFBooleanRef kCFBooleanTrue, kCFBooleanFalse;
extern const CFDictionaryKeyCallBacks kCFTypeDictionaryKeyCallBacks;
extern const CFDictionaryValueCallBacks kCFTypeDictionaryValueCallBacks;
extern void CFRelease(CFTypeRef object);
extern CFURLRef CFURLCreateWithBytes(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex len,
                                     CFStringEncoding encoding, CFURLRef base);
extern CFURLRef CFURLCreateFromFileSystemRepresentation(CFAllocatorRef allocator,
                                                        const UInt8 *bytes, CFIndex len,
                                                        Boolean folder);
extern CFStringRef CFStringCreateWithBytes(CFAllocatorRef allocator, const UInt8 *bytes,
                                           CFIndex len, CFStringEncoding encoding, Boolean bom);
extern Boolean CFStringGetCString(CFStringRef string, char *to, CFIndex size,
                                  CFStringEncoding encoding);
extern CFMutableDictionaryRef CFDictionaryCreateMutable(CFAllocatorRef allocator, CFIndex capacity,
                                                        const CFDictionaryKeyCallBacks *keys,
                                                        const CFDictionaryValueCallBacks *values);
extern void CFDictionarySetValue(CFMutableDictionaryRef dictionary, const void *key,
                                 const void *value);
extern CFNumberRef CFNumberCreate(CFAllocatorRef allocator, CFNumberType type, const void *number);
extern CFIndex CFArrayGetCount(CFArrayRef array);
extern const void *CFArrayGetValueAtIndex(CFArrayRef array, CFIndex index);
SDK_NUMBER(kCFStringEncodingUTF8, 0x08000100);
SDK_NUMBER(kCFNumberSInt32Type, 3);

/* NetFS. Its keys are strings in a header, not symbols. */
extern int NetFSMountURLSync(CFURLRef url, CFURLRef mountpath, CFStringRef user,
                             CFStringRef password, CFMutableDictionaryRef open_options,
                             CFMutableDictionaryRef mount_options, CFArrayRef *mountpoints);

/* Security: the keychain in a file, which is the only one that a daemon can use. */
extern OSStatus SecKeychainOpen(const char *path, SecKeychainRef *keychain);
extern OSStatus SecKeychainSetUserInteractionAllowed(Boolean allowed);
extern OSStatus
SecKeychainFindInternetPassword(CFTypeRef keychain, UInt32 server_len, const char *server,
                                UInt32 domain_len, const char *domain, UInt32 account_len,
                                const char *account, UInt32 path_len, const char *path, UInt16 port,
                                SecProtocolType protocol, SecAuthenticationType type,
                                UInt32 *password_len, void **password, SecKeychainItemRef *item);
extern OSStatus SecKeychainItemCreateFromContent(SecItemClass class,
                                                 SecKeychainAttributeList *attributes, UInt32 len,
                                                 const void *data, SecKeychainRef keychain,
                                                 SecAccessRef access, SecKeychainItemRef *item);
extern OSStatus SecKeychainItemModifyAttributesAndData(SecKeychainItemRef item,
                                                       const SecKeychainAttributeList *attributes,
                                                       UInt32 len, const void *data);
extern OSStatus SecKeychainItemDelete(SecKeychainItemRef item);
extern OSStatus SecKeychainItemFreeContent(SecKeychainAttributeList *attributes, void *data);
extern OSStatus SecAccessCreate(CFStringRef label, CFArrayRef trusted, SecAccessRef *access);
SDK_NUMBER(kSecProtocolTypeSMB, 0x736d6220);
SDK_NUMBER(kSecAuthenticationTypeDefault, 0x746c6664); /* 'dflt', bytes swapped */
SDK_NUMBER(kSecInternetPasswordItemClass, 0x696e6574);
SDK_NUMBER(kSecLabelItemAttr, 0x6c61626c);
SDK_NUMBER(kSecServerItemAttr, 0x73727672);
SDK_NUMBER(kSecAccountItemAttr, 0x61636374);
SDK_NUMBER(kSecProtocolItemAttr, 0x7074636c);
SDK_NUMBER(kSecAuthenticationTypeItemAttr, 0x61747970);
SDK_NUMBER(errSecSuccess, 0);

/* libSystem, where the cross build has the symbols and not the headers. */
extern uint32_t notify_register_file_descriptor(const char *name, int *fd, int flags, int *token);
extern uint32_t notify_cancel(int token);
extern int mbr_uid_to_uuid(uid_t uid, unsigned char uuid[16]);
extern int mbr_gid_to_uuid(gid_t gid, unsigned char uuid[16]);
extern int mbr_check_membership(const unsigned char user[16], const unsigned char group[16],
                                int *is_member);
extern ssize_t getxattr(const char *path, const char *name, void *value, size_t size,
                        uint32_t position, int options);
SDK_NUMBER(NOTIFY_STATUS_OK, 0);
SDK_NUMBER(XATTR_NOFOLLOW, 1);

#endif
