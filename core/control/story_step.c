/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
#include "control/story_step.h"

#include <string.h>

#include <smbmounter/plugin.h>

const struct step_words *story_step_words(uint64_t number) {
    static const struct step_words silent = {NULL, NULL, false, false};
    static const struct step_words words[] = {
        [SMBM_STEP_RECONNECT] =
            {"cut the mount's dead connection so that the kernel makes a new one",
             "cut the mount's dead connection", false, true},
        [SMBM_STEP_UNMOUNT] = {"unmounted the share", "unmount the share", true, true},
        [SMBM_STEP_FORCE] = {"unmounted the share by force", "unmount the share by force", true,
                             true},
        [SMBM_STEP_DETACH] = {"took the share off its mountpoint",
                              "take the share off its mountpoint", true, true},
        [SMBM_STEP_MOUNT] = {"mounted the share again", "mount the share again", false, false},
        [SMBM_STEP_CALL] = {"ran a recovery plugin's own action",
                            "run a recovery plugin's own action", false, true},
        [SMBM_STEP_GIVE_UP] = {"gave up for now", "give up", false, true},
    };
    if (number >= sizeof words / sizeof words[0] || words[number].did == NULL)
        return &silent;
    return &words[number];
}

const char *story_after_colon(const char *text) {
    const char *colon = strstr(text, ": ");
    return colon != NULL ? colon + 2 : text;
}

/* "await-server: wait: the kernel gets its time": plugin, step, reason. */
const char *story_reason(const char *text) {
    const char *rest = story_after_colon(text);
    size_t word = strcspn(rest, ": ");
    return rest != text && rest[word] == ':' && rest[word + 1] == ' ' ? rest + word + 2 : rest;
}

const char *story_hint(const char *text) {
    while ((text = strstr(text, ". ")) != NULL) {
        text += 2;
        if (*text >= 'A' && *text <= 'Z')
            return text;
    }
    return NULL;
}

bool story_starts_with(const char *text, const char *word) {
    size_t len = strlen(word);
    return strncmp(text, word, len) == 0 && (text[len] == '\0' || strchr(":;, ", text[len]));
}

bool story_is_not_tried(const char *text) {
    return strstr(text, "; not tried again") != NULL;
}

const char *story_server_silence(const char *text) {
    static const struct {
        const char *verdict, *words;
    } silences[] = {
        {"refused", "port closed"},
        {"mute", "it accepts connections, but says nothing"},
        {"unreachable", "no way to it, or no packet back"},
    };
    for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++)
        if (story_starts_with(text, silences[i].verdict))
            return silences[i].words;
    return NULL;
}
