/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Types and keys of macOS's frameworks where there is no SDK. For darwin_sdk.h alone. */
#ifndef OS_DARWIN_TYPES_H
#define OS_DARWIN_TYPES_H

#ifdef SMBMOUNTER_SHIM
#define CFSTR(text) shim_constant("" text "")
struct __CFString;
extern const struct __CFString *shim_constant(const char *text);
#else
#define CFSTR(text) ((CFStringRef)__builtin___CFStringMakeConstantString("" text ""))
#endif

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the system's own names */
typedef signed long CFIndex;
typedef CFIndex CFNumberType;
struct sdk_callbacks {
    CFIndex version;
    void *functions[5];
};
typedef const void *CFTypeRef;
typedef const struct __CFAllocator *CFAllocatorRef;
typedef const struct __CFString *CFStringRef;
typedef const struct __CFURL *CFURLRef;
typedef const struct __CFArray *CFArrayRef;
typedef const struct __CFNumber *CFNumberRef;
typedef const struct __CFBoolean *CFBooleanRef;
typedef struct __CFDictionary *CFMutableDictionaryRef;
typedef unsigned char Boolean, UInt8;
typedef unsigned short UInt16;
typedef unsigned int UInt32, FourCharCode, CFStringEncoding;
typedef int SInt32, OSStatus;
typedef struct sdk_callbacks CFDictionaryKeyCallBacks, CFDictionaryValueCallBacks, CFArrayCallBacks;
typedef struct __SecKeychain *SecKeychainRef;
typedef struct __SecKeychainItem *SecKeychainItemRef;
typedef struct __SecAccess *SecAccessRef;
typedef FourCharCode SecProtocolType, SecAuthenticationType, SecItemClass, SecKeychainAttrType;
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
struct SecKeychainAttribute {
    SecKeychainAttrType tag;
    UInt32 length;
    void *data;
};
typedef struct SecKeychainAttribute SecKeychainAttribute;
struct SecKeychainAttributeList {
    UInt32 count;
    SecKeychainAttribute *attr;
};
typedef struct SecKeychainAttributeList SecKeychainAttributeList;

#define kNAUIOptionKey CFSTR("UIOption")
#define kNAUIOptionNoUI CFSTR("NoUI")
#define kNetFSForceNewSessionKey CFSTR("ForceNewSession")
#define kNetFSNoUserPreferencesKey CFSTR("NoUserPreferences")
#define kNetFSAllowLoopbackKey CFSTR("AllowLoopback")
#define kNetFSUseGuestKey CFSTR("Guest")
#define kNetFSSoftMountKey CFSTR("SoftMount")
#define kNetFSMountFlagsKey CFSTR("MountFlags")
#define kNetFSMountAtMountDirKey CFSTR("MountAtMountDir")

#endif
