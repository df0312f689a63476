/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* CoreFoundation: reference-counted objects of few kinds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/darwin_sdk.h"
#include "shim.h"
#include "shim_object.h"

#define ETERNAL (1 << 20)

int shim_live, shim_over_released;

struct object *object_new(enum kind kind, const void *bytes, size_t len) {
    struct object *o = calloc(1, sizeof *o);
    if (o == NULL)
        abort();
    o->kind = kind;
    o->references = 1;
    o->text = bytes != NULL ? strndup(bytes, len) : NULL;
    shim_live++;
    return o;
}

static struct object *retain(const void *object) {
    union {
        const void *from;
        struct object *to;
    } o = {.from = object};
    if (o.to->references < ETERNAL)
        o.to->references++;
    return o.to;
}

void CFRelease(CFTypeRef object) {
    union {
        CFTypeRef from;
        struct object *to;
    } u = {.from = object};
    struct object *o = u.to;
    if (o->references >= ETERNAL)
        return;
    if (o->references <= 0) {
        shim_over_released++;
        return;
    }
    if (--o->references > 0)
        return;
    for (size_t i = 0; i < o->len; i++) {
        if (o->keys[i] != NULL)
            CFRelease(o->keys[i]);
        CFRelease(o->values[i]);
    }
    if (o->text != NULL) /* a password may have been in it */
        memset(o->text, 0, strlen(o->text));
    free(o->text);
    free(o);
    shim_live--;
}

CFStringRef shim_constant(const char *text) {
    static struct object *all[64];
    static size_t len;
    for (size_t i = 0; i < len; i++)
        if (strcmp(all[i]->text, text) == 0)
            return (CFStringRef)all[i];
    all[len] = object_new(STRING, text, strlen(text));
    all[len]->references = ETERNAL;
    shim_live--;
    return (CFStringRef)all[len++];
}

static const struct object yes = {.kind = BOOLEAN, .references = ETERNAL, .number = 1};
static const struct object no = {.kind = BOOLEAN, .references = ETERNAL};
const CFBooleanRef kCFBooleanTrue = (const void *)&yes, kCFBooleanFalse = (const void *)&no;
const CFAllocatorRef kCFAllocatorDefault = NULL;
const CFDictionaryKeyCallBacks kCFTypeDictionaryKeyCallBacks;
const CFDictionaryValueCallBacks kCFTypeDictionaryValueCallBacks;

static bool is_utf8(const UInt8 *bytes, CFIndex len) {
    for (CFIndex i = 0; i < len;) {
        int more = bytes[i] < 0x80                       ? 0
                   : bytes[i] >= 0xc2 && bytes[i] < 0xe0 ? 1
                   : bytes[i] < 0xe0                     ? -1
                   : bytes[i] < 0xf0                     ? 2
                   : bytes[i] < 0xf5                     ? 3
                                                         : -1;
        if (more < 0 || i + more >= len + (more == 0))
            return false;
        for (int k = 1; k <= more; k++)
            if ((bytes[i + k] & 0xc0) != 0x80)
                return false;
        i += 1 + more;
    }
    return true;
}

CFStringRef CFStringCreateWithBytes(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex len,
                                    CFStringEncoding encoding, Boolean bom) {
    (void)allocator;
    (void)bom;
    bool good = encoding == kCFStringEncodingUTF8 && is_utf8(bytes, len);
    return good ? (CFStringRef)object_new(STRING, bytes, (size_t)len) : NULL;
}

Boolean CFStringGetCString(CFStringRef string, char *to, CFIndex size, CFStringEncoding encoding) {
    const struct object *o = (const void *)string;
    (void)encoding;
    return o->kind == STRING && snprintf(to, (size_t)size, "%s", o->text) < size;
}

/* As CFURL: nothing that would have to be escaped, and whole escapes. */
CFURLRef CFURLCreateWithBytes(CFAllocatorRef allocator, const UInt8 *bytes, CFIndex len,
                              CFStringEncoding encoding, CFURLRef base) {
    (void)allocator;
    (void)encoding;
    (void)base;
    for (CFIndex i = 0; i < len; i++) {
        if (bytes[i] <= ' ' || bytes[i] >= 0x7f || strchr("<>\"{}|\\^`", bytes[i]) != NULL)
            return NULL;
        if (bytes[i] == '%' &&
            (len - i < 3 || strspn((const char *)bytes + i + 1, "0123456789abcdefABCDEF") < 2))
            return NULL;
    }
    return (CFURLRef)object_new(URL, bytes, (size_t)len);
}

CFURLRef CFURLCreateFromFileSystemRepresentation(CFAllocatorRef allocator, const UInt8 *bytes,
                                                 CFIndex len, Boolean folder) {
    (void)allocator;
    return folder ? (CFURLRef)object_new(URL, bytes, (size_t)len) : NULL;
}

CFMutableDictionaryRef CFDictionaryCreateMutable(CFAllocatorRef allocator, CFIndex capacity,
                                                 const CFDictionaryKeyCallBacks *keys,
                                                 const CFDictionaryValueCallBacks *values) {
    (void)allocator;
    (void)capacity;
    bool counted =
        keys == &kCFTypeDictionaryKeyCallBacks && values == &kCFTypeDictionaryValueCallBacks;
    return counted ? (CFMutableDictionaryRef)(void *)object_new(DICTIONARY, NULL, 0) : NULL;
}

void CFDictionarySetValue(CFMutableDictionaryRef dictionary, const void *key, const void *value) {
    struct object *o = (void *)dictionary;
    if (o->len == OBJECT_MAX)
        abort();
    o->keys[o->len] = retain(key);
    o->values[o->len++] = retain(value);
}

const struct object *object_get(const void *dictionary, const char *key) {
    const struct object *o = dictionary;
    for (size_t i = 0; i < o->len; i++)
        if (strcmp(o->keys[i]->text, key) == 0)
            return o->values[i];
    return NULL;
}

CFNumberRef CFNumberCreate(CFAllocatorRef allocator, CFNumberType type, const void *number) {
    (void)allocator;
    if (type != kCFNumberSInt32Type)
        return NULL;
    struct object *o = object_new(NUMBER, NULL, 0);
    o->number = *(const int *)number;
    return (CFNumberRef)o;
}

CFIndex CFArrayGetCount(CFArrayRef array) {
    return (CFIndex)((const struct object *)(const void *)array)->len;
}

const void *CFArrayGetValueAtIndex(CFArrayRef array, CFIndex index) {
    return ((const struct object *)(const void *)array)->values[index];
}
