# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
# about: what an administrator adds to the unit: what hides mounts is refused, credentials arrive
# company: yes

# shellcheck source=tests/system/booted.sh
. "$lib/booted.sh"

# Each of them gives the service a mount namespace.
hiding=(ProtectSystem=strict PrivateTmp=yes ProtectHome=yes ProtectKernelModules=yes
    ReadOnlyPaths=/etc MountFlags=private)

hidden() {
    local directive
    settings kernel_entry a
    for directive in "${hiding[@]}"; do
        drop_in hidden "$directive"
        journal_begin
        check "$directive: systemctl start fails" not booted systemctl start smbmounter
        equal "$directive: for good: exit status, tried anew" "failed 4 0" \
            "$(unit ActiveState) $(unit ExecMainStatus) $(unit NRestarts)"
        check "$directive: the journal says what to do" told_in_journal \
            'invisible .*Take Private\*, Protect\*, ReadOnlyPaths .* out of the systemd unit' -p err
    done
    no_drop_in hidden
    check "without them it starts" booted systemctl start smbmounter
}
# Speaks SMB, and refuses everything: with a kernel that has SMB or without, the mount fails.
refuse_all() {
    exec python3 - <<'Y'
import socket
import struct

error = b"\xfeSMB" + struct.pack("<HHIHHIIQQQ16s", 64, 0, 0xC00000BB, 0, 1, 1, 0, 0, 0, 0, b"")
error += struct.pack("<HHIB", 9, 0, 0, 0)
with socket.create_server(("127.0.0.1", 445)) as server:
    while True:
        with server.accept()[0] as client:
            client.recv(4096)
            client.sendall(struct.pack(">I", len(error)) + error)
Y
}

share_entry() {
    kernel_entry a
    cat <<'Y'
  - name: share
    server: 127.0.0.1
    share: media
    mountpoint: /mnt/share
    credential: {systemd: nas}
Y
}

# with_credential LINE...: why the mount fails when the unit has that line
with_credential() {
    drop_in credential "$1"
    booted systemctl restart smbmounter
    until_true 20 state_is share failed
    status_of share reason
}

credentials() {
    local reason
    refuse_all &
    until_true 30 eval '(: </dev/tcp/127.0.0.1/445)'
    settings share_entry
    reason=$(with_credential "")
    check "without it: $reason" grep -q 'add LoadCredential=nas:/PATH to the unit' <<<"$reason"

    printf 'username=root\nrubbish' | booted_write /etc/nas.credential
    reason=$(with_credential LoadCredential=nas:/etc/nas.credential)
    check "a wrong one: $reason" grep -q 'nas:2: unknown key' <<<"$reason"

    printf 'username=root\npassword=correct-horse\n' | booted_write /etc/nas.credential
    reason=$(with_credential LoadCredential=nas:/etc/nas.credential)
    check "LoadCredential=: read, $reason" not grep -qiE 'credential|^$' <<<"$reason"
    await_state 20 a mounted
    equal "LoadCredential=: mounts are seen by process 1" tmpfs "$(mount_type /mnt/a)"

    booted sh -c 'systemd-creds setup && systemd-creds encrypt --with-key=host --name=nas /etc/nas.credential \
        /etc/nas.sealed' 2>/dev/null
    reason=$(with_credential LoadCredentialEncrypted=nas:/etc/nas.sealed)
    check "LoadCredentialEncrypted=: read, $reason" not grep -qiE 'credential|^$' <<<"$reason"
    await_state 20 a mounted
    equal "LoadCredentialEncrypted=: mounts are seen by process 1" tmpfs "$(mount_type /mnt/a)"
}

play() {
    if booted_missing; then
        cannot "$booted_reason"
        return
    fi
    booted_start || {
        miss "systemd boots"
        return
    }
    hidden
    credentials
    booted_end
    equal "nothing of it is left" "" "$(booted_remains)"
}
