/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN 20
#define WIDTH_MAX 1000

bool screen_wants_color(bool tty, const char *no_color, const char *term) {
    return tty && (no_color == NULL || no_color[0] == '\0') && term != NULL && term[0] != '\0' &&
           strcmp(term, "dumb") != 0;
}

static size_t terminal_width(int fd) {
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return WIDTH_DEFAULT;
    return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

void screen_init(struct screen *screen, FILE *out, uint64_t now_ms) {
    int fd = fileno(out);
    bool tty = isatty(fd) == 1;
    *screen = (struct screen){
        .out = out,
        .tty = tty,
        .color = screen_wants_color(tty, getenv("NO_COLOR"), getenv("TERM")),
        .escapes = screen_wants_color(tty, NULL, getenv("TERM")),
        .width = tty ? terminal_width(fd) : 0,
        .now_ms = now_ms,
    };
}

bool screen_put(const struct screen *screen, const struct str *text) {
    if (text->failed) {
        fprintf(stderr, "smbmounter: not enough memory to show the answer\n");
        return false;
    }
    errno = 0;
    if ((text->len > 0 && fwrite(text->data, 1, text->len, screen->out) != text->len) ||
        fflush(screen->out) != 0) {
        fprintf(stderr, "smbmounter: cannot write the output: %s\n", strerror(errno));
        return false;
    }
    return true;
}

void screen_progress(const struct screen *screen, const char *text) {
    struct str line, clean;
    if (!screen->tty)
        return;
    str_init(&line, 4096);
    str_init(&clean, 4096);
    text_add_escaped(&clean, text);
    str_add(&line, "\r");
    size_t used = 0;
    if (clean.data != NULL)
        used = text_add_cut(&line, clean.data, screen->width - 1);
    if (screen->escapes)
        str_add(&line, "\033[K");
    else
        text_add_spaces(&line, screen->width - 1 - used);
    if (text[0] == '\0')
        str_add(&line, "\r");
    if (!line.failed) {
        fwrite(line.data, 1, line.len, screen->out);
        fflush(screen->out);
    }
    str_finish(&clean);
    str_finish(&line);
}
