# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# Debian's own kernel under qemu, in software: slower, but it has what UML lacks (nf_tables for
# half-open connections, SOCK_DESTROY). The guest's root is this machine's disk by virtiofs.
# KERNEL_DIR names a folder where a linux-image-*-cloud-amd64 package is unpacked (dpkg -x);
# without it the package is fetched once with apt-get download.

qemu_virtiofsd=/usr/lib/qemu/virtiofsd
qemu_modules=(fuse virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci
    virtiofs)

guest_missing() {
    local program
    [ -x "$qemu_virtiofsd" ] || qemu_virtiofsd=/usr/libexec/virtiofsd
    for program in qemu-system-x86_64 "$qemu_virtiofsd" smbd jq busybox cpio nft; do
        command -v "$program" >/dev/null && continue
        guest_reason="$program is not installed (packages: qemu-system-x86 qemu-system-common samba jq busybox-static cpio nftables)"
        return 0
    done
    [ "$(id -u)" = 0 ] || {
        guest_reason="guest qemu needs root (virtiofsd serves the disk)"
        return 0
    }
    qemu_fetch_kernel >&2 && return 1
    guest_reason="no kernel: set KERNEL_DIR to an unpacked linux-image-*-cloud-amd64 package"
}

qemu_fetch_kernel() {
    [ -z "${KERNEL_DIR:-}" ] || {
        qemu_list_modules
        return
    }
    KERNEL_DIR=${XDG_CACHE_HOME:-$HOME/.cache}/smbmounter-lab/kernel
    compgen -G "$KERNEL_DIR/boot/vmlinuz-*" >/dev/null && qemu_list_modules && return 0
    local package
    package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' |
        head -n 1)
    [ -n "$package" ] || return 1
    mkdir -p "$KERNEL_DIR"
    (cd "$KERNEL_DIR" && apt-get download -q "$package" && dpkg -x "$package"_*.deb . && rm -f ./*.deb) &&
        qemu_list_modules
}

# An unpacked package has no modules.dep: that is made when it is installed.
qemu_list_modules() {
    local tree
    for tree in "$KERNEL_DIR"/lib/modules/*; do
        [ -e "$tree/modules.dep" ] || /sbin/depmod -b "$KERNEL_DIR" "$(basename "$tree")" || return
    done
}

# An initrd that loads virtiofs and hands over to the disk.
qemu_initrd() {
    local work=$1 modules=$2 tree=$1/initrd module file
    mkdir -p "$tree"/{bin,dev,proc,sys,newroot,mods}
    cp "$(command -v busybox)" "$tree/bin/busybox"
    for module in "${qemu_modules[@]}"; do
        file=$(find "$modules" -name "$module.ko*" | head -n 1)
        case $file in
        *.xz) xz -dc "$file" >"$tree/mods/$module.ko" ;;
        *.ko) cp "$file" "$tree/mods/$module.ko" ;;
        esac
    done
    {
        echo '#!/bin/busybox sh'
        echo 'b=/bin/busybox'
        echo "\$b mount -t proc proc /proc; \$b mount -t sysfs sys /sys; \$b mount -t devtmpfs dev /dev"
        for module in "${qemu_modules[@]}"; do
            echo "[ ! -e /mods/$module.ko ] || \$b insmod /mods/$module.ko"
        done
        echo "\$b mount -t virtiofs -o ro rootfs /newroot || \$b poweroff -f"
        echo "\$b mount -t devtmpfs dev /newroot/dev; \$b umount /sys; \$b umount /proc"
        echo "export lab_job=$work/job lab_modules=$(dirname "$modules")"
        echo "exec \$b switch_root /newroot $work/job/lab/guest/init.sh"
    } >"$tree/init"
    chmod +x "$tree/init"
    (cd "$tree" && find . | cpio -o -H newc 2>/dev/null | gzip) >"$work/initrd.gz"
}

guest_boot() {
    local work=$1 limit=$2 image release server
    image=$(find "$KERNEL_DIR/boot" -name 'vmlinuz-*' | sort | tail -n 1)
    release=${image##*/vmlinuz-}
    qemu_initrd "$work" "$KERNEL_DIR/lib/modules/$release"
    "$qemu_virtiofsd" --socket-path="$work/virtiofs" -o source=/ -o cache=auto -o no_writeback \
        -o sandbox=chroot >"$work/virtiofsd.log" 2>&1 &
    server=$!
    for _ in $(seq 50); do
        [ ! -S "$work/virtiofs" ] || break
        sleep 0.1
    done
    # Without -cx16 this CPU model crashes at random under software emulation.
    timeout -k 5 "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu qemu64,-cx16 \
        -smp "${SMP:-1}" -m 1024 -object memory-backend-memfd,id=mem,size=1024M,share=on \
        -numa node,memdev=mem -chardev socket,id=c0,path="$work/virtiofs" \
        -device vhost-user-fs-pci,queue-size=1024,chardev=c0,tag=rootfs -kernel "$image" \
        -initrd "$work/initrd.gz" -append "console=ttyS0 quiet loglevel=1 panic=-1" -display none \
        -serial stdio -monitor none -no-reboot -nic none || true
    kill "$server" 2>/dev/null || true
}
