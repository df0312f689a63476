/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Which platform's defaults hold. SMBMOUNTER_SHIM: those of macOS, in tests on another system. */
#ifndef BASE_PLATFORM_H
#define BASE_PLATFORM_H

#if defined(__APPLE__) || defined(SMBMOUNTER_SHIM)
#define PLATFORM_DARWIN 1
#else
#define PLATFORM_DARWIN 0
#endif

#endif
