/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "common/steps.h"

static size_t length(const struct smbm_situation *s) {
    return s->steps_len < SMBM_STEPS_MAX ? s->steps_len : SMBM_STEPS_MAX;
}

const struct smbm_done *steps_last(const struct smbm_situation *s, uint32_t step) {
    for (size_t i = length(s); i > 0; i--) {
        if (s->steps[i - 1].step == step) {
            return &s->steps[i - 1];
        }
    }
    return NULL;
}

size_t steps_count_after(const struct smbm_situation *s, uint32_t step, uint32_t since) {
    size_t n = 0;

    for (size_t i = length(s); i > 0 && s->steps[i - 1].step != since; i--) {
        n += s->steps[i - 1].step == step;
    }
    return n;
}

bool steps_just_did(const struct smbm_situation *s, uint32_t step) {
    size_t len = length(s);

    return len > 0 && s->steps[len - 1].step == step;
}

size_t steps_with(const struct smbm_situation *s, uint32_t step, uint32_t outcome) {
    size_t n = 0;

    for (size_t i = 0; i < length(s); i++) {
        n += s->steps[i].step == step && s->steps[i].outcome == outcome;
    }
    return n;
}
