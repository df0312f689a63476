/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include <criterion/criterion.h>
#include <poll.h>
#include <unistd.h>

#include "os/beat.h"

Test(beat, comes_again_and_again_and_is_drained) {
    int fd = os_beat_open(20);
    cr_assert_geq(fd, 0);
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(poll(&poller, 1, 10000), 1);
        os_beat_drain(fd);
    }
    os_beat_drain(fd); /* does not wait for the next */
    close(fd);
}
