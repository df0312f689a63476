/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <string.h>

#include "mount/netfs.h"
#include "os/darwin_sdk.h"

#define NO_MEMORY 12 /* ENOMEM of macOS */
#define BAD_URL 22   /* EINVAL of macOS */

/* All that one call needs; NULL where it was not made. */
struct call {
    CFURLRef url, mountpoint;
    CFStringRef user, password;
    CFMutableDictionaryRef open_options, mount_options;
    CFNumberRef flags;
};

static void release(CFTypeRef object) {
    if (object != NULL)
        CFRelease(object);
}

static void finish(struct call *call) {
    release(call->flags);
    release(call->mount_options);
    release(call->open_options);
    release(call->password);
    release(call->user);
    release(call->mountpoint);
    release(call->url);
}

static CFStringRef string(const char *text) {
    return CFStringCreateWithBytes(kCFAllocatorDefault, (const UInt8 *)text, (CFIndex)strlen(text),
                                   kCFStringEncodingUTF8, false);
}

static CFMutableDictionaryRef dictionary(void) {
    return CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &kCFTypeDictionaryKeyCallBacks,
                                     &kCFTypeDictionaryValueCallBacks);
}

/* A session of its own for each mount: else a forced unmount of this one may wait for another that
 * shares it, and a mount of the same share elsewhere would be handed to us. */
static void set_options(struct call *call, const struct netfs_request *request) {
    CFDictionarySetValue(call->open_options, kNAUIOptionKey, kNAUIOptionNoUI);
    CFDictionarySetValue(call->open_options, kNetFSAllowLoopbackKey, kCFBooleanTrue);
    CFDictionarySetValue(call->open_options, kNetFSForceNewSessionKey, kCFBooleanTrue);
    CFDictionarySetValue(call->open_options, kNetFSNoUserPreferencesKey, kCFBooleanTrue);
    if (request->password == NULL)
        CFDictionarySetValue(call->open_options, kNetFSUseGuestKey, kCFBooleanTrue);
    CFDictionarySetValue(call->mount_options, kNAUIOptionKey, kNAUIOptionNoUI);
    CFDictionarySetValue(call->mount_options, kNetFSSoftMountKey, kCFBooleanTrue);
    CFDictionarySetValue(call->mount_options, kNetFSMountAtMountDirKey, kCFBooleanTrue);
    CFDictionarySetValue(call->mount_options, kNetFSForceNewSessionKey, kCFBooleanTrue);
    CFDictionarySetValue(call->mount_options, kNetFSMountFlagsKey, call->flags);
}

static int prepare(struct call *call, const struct netfs_request *request) {
    SInt32 flags = (SInt32)request->flags;
    call->url = CFURLCreateWithBytes(kCFAllocatorDefault, (const UInt8 *)request->url,
                                     (CFIndex)strlen(request->url), kCFStringEncodingUTF8, NULL);
    call->mountpoint = CFURLCreateFromFileSystemRepresentation(
        kCFAllocatorDefault, (const UInt8 *)request->mountpoint,
        (CFIndex)strlen(request->mountpoint), true);
    call->flags = CFNumberCreate(kCFAllocatorDefault, kCFNumberSInt32Type, &flags);
    call->open_options = dictionary();
    call->mount_options = dictionary();
    if (request->password != NULL) {
        call->user = string(request->user);
        call->password = string(request->password);
        if (call->user == NULL || call->password == NULL) /* not UTF-8 */
            return BAD_URL;
    }
    if (call->url == NULL || call->mountpoint == NULL)
        return BAD_URL;
    return call->flags != NULL && call->open_options != NULL && call->mount_options != NULL
               ? 0
               : NO_MEMORY;
}

int netfs_call(const struct netfs_request *request, char *path, size_t size) {
    struct call call = {0};
    CFArrayRef paths = NULL;
    path[0] = '\0';
    int rc = prepare(&call, request);
    if (rc == 0) {
        set_options(&call, request);
        rc = NetFSMountURLSync(call.url, call.mountpoint, call.user, call.password,
                               call.open_options, call.mount_options, &paths);
    }
    if (paths != NULL && CFArrayGetCount(paths) > 0) {
        const void *first = CFArrayGetValueAtIndex(paths, 0);
        if (!CFStringGetCString(first, path, (CFIndex)size, kCFStringEncodingUTF8))
            path[0] = '\0';
    }
    release(paths);
    finish(&call);
    return rc;
}
