/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a server may send in answer to NEGOTIATE. */
#include <stdlib.h>
#include <string.h>

#include "common/smb2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The verdict on a prefix never contradicts the one on the whole: what was refused or accepted
 * early stays so, however the bytes are cut into packets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct smb2_reply reply, early;
    enum smb2_parsed whole = smb2_parse(data, size, &reply);

    for (size_t cut = 0; cut < size; cut += 1 + cut / 8) {
        uint8_t *copy = malloc(cut ? cut : 1); /* of its exact size, for ASan */
        enum smb2_parsed part;
        if (!copy) {
            return 0;
        }
        memcpy(copy, data, cut);
        part = smb2_parse(copy, cut, &early);
        free(copy);
        if (part != SMB2_PARTIAL && part != whole) {
            abort();
        }
    }
    if (whole == SMB2_WHOLE && reply.status == 0 &&
        !strcmp(smb2_dialect_name(reply.dialect), "SMB")) {
        abort();
    }
    return 0;
}
