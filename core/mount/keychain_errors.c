/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* The keychain's answers in words. Pure. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "mount/keychain.h"

/* errSec numbers of Security.framework; they never change. */
static const struct {
    int status, code; /* code: EAGAIN and EIO pass by themselves, the others need a person */
    const char *what, *hint;
    bool names_mount; /* the mount's name follows the hint */
} rows[] = {
    {-25300, ENOENT, "no password is stored", "store it with: sudo smbmounter setup ", true},
    {-25293, EACCES,
     "the keychain does not give the password to this program: the item was stored by another one, "
     "or by this one before it was updated without a Developer ID signature",
     "store it again with: sudo smbmounter setup ", true},
    {-25308, EACCES,
     "the keychain would have to ask on the screen, which a daemon cannot: the item was stored by "
     "another program, or by this one before it was updated",
     "store it again with: sudo smbmounter setup ", true},
    {-25315, EACCES, "the keychain wants to ask on the screen, which a daemon cannot",
     "store it again with: sudo smbmounter setup ", true},
    {-128, EACCES, "a question on the screen was refused",
     "store it again with: sudo smbmounter setup ", true},
    {-25294, ENOENT, "the System keychain does not exist",
     "restart the Mac, which makes it, then: sudo smbmounter setup ", true},
    {-25295, EINVAL, "the System keychain is damaged",
     "repair it with 'sudo systemkeychain -C', then: sudo smbmounter setup ", true},
    {-25291, EAGAIN, "no keychain is available now (the Mac is still starting?)",
     "tried again by itself; if it stays: sudo smbmounter setup ", true},
    {-25292, EROFS, "the System keychain is read-only",
     "make its disk writable, then: sudo smbmounter setup ", true},
    {-61, EPERM, "the System keychain may be written by root only",
     "run it as root: sudo smbmounter setup ", true},
    {-25299, EEXIST, "such a password exists already and cannot be replaced",
     "delete it in Keychain Access (System), then: sudo smbmounter setup ", true},
    {-50, EINVAL, "the keychain did not understand the question (a name that is too long?)",
     "shorten 'username' or 'server' of mount ", true},
    {-108, ENOMEM, "no memory for the keychain", "tried again by itself", false},
};

int keychain_explain(int status, const struct config_mount *mount, struct err *err) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].status == status)
            return err_set(err, rows[i].code, "keychain, %s at %s: %s (%d); %s%s", mount->username,
                           mount->server, rows[i].what, status, rows[i].hint,
                           rows[i].names_mount ? mount->name : "");
    return err_set(err, EIO,
                   "keychain, %s at %s: error %d ('security error %d' tells its name); if it "
                   "stays: sudo smbmounter setup %s",
                   mount->username, mount->server, status, status, mount->name);
}
