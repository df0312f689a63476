/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* Where things are, unless the configuration says otherwise. */
#ifndef BASE_PLACES_H
#define BASE_PLACES_H

#include <sys/types.h>

#include "base/platform.h"

#if PLATFORM_DARWIN
/* packaging/ tells launchd and newsyslog the same: the first is made from this, the second compared
 * with it by a test. */
#define PLACE_SOCKET "/var/run/smbmounter.sock"
#define PLACE_RUN_GROUP 1u /* /var/run is for the group daemon to write in, which is root alone */
#define PLACE_RUNTIME "/var/run/smbmounter"
#define PLACE_LOG "/var/log/smbmounter.log"
#else
#define PLACE_SOCKET "/run/smbmounter.sock"
#define PLACE_RUN_GROUP ((gid_t)-1) /* nobody beside root writes in /run */
#define PLACE_RUNTIME "/run/smbmounter"
#define PLACE_LOG "" /* stderr, which the journal reads */
#endif

#endif
