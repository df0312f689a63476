/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a plugin host may not ask of the kernel, whatever rights it has: a seccomp filter. */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "os/os_linux.h"

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#endif

#define X32_BIT 0x40000000u
#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define FAIL(code) RETURN(SECCOMP_RET_ERRNO | (code))
/* One call: when it is this one, take the next statement, else skip it. */
#define DENY(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), FAIL(EPERM)

#ifdef OWN_ARCH

static const struct sock_filter filter[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0),
    FAIL(EPERM),
    LOAD(nr),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1),
    FAIL(EPERM),

    /* mounts, and the view of them */
    DENY(SYS_mount),
    DENY(SYS_umount2),
    DENY(SYS_pivot_root),
    DENY(SYS_chroot),
    DENY(SYS_fsopen),
    DENY(SYS_fsconfig),
    DENY(SYS_fsmount),
    DENY(SYS_fspick),
    DENY(SYS_move_mount),
    DENY(SYS_open_tree),
    DENY(SYS_mount_setattr),
    DENY(SYS_unshare),
    DENY(SYS_setns),
    DENY(SYS_open_by_handle_at),

    /* other processes */
    DENY(SYS_ptrace),
    DENY(SYS_process_vm_readv),
    DENY(SYS_process_vm_writev),
    DENY(SYS_pidfd_getfd),
    DENY(SYS_pidfd_send_signal),
    DENY(SYS_kill),
    DENY(SYS_tkill),
    DENY(SYS_rt_sigqueueinfo),

    /* the kernel itself */
    DENY(SYS_init_module),
    DENY(SYS_finit_module),
    DENY(SYS_delete_module),
    DENY(SYS_kexec_load),
    DENY(SYS_kexec_file_load),
    DENY(SYS_bpf),
    DENY(SYS_perf_event_open),
    DENY(SYS_userfaultfd),
    DENY(SYS_io_uring_setup), /* does what it is asked behind the filter's back */
    DENY(SYS_keyctl),
    DENY(SYS_add_key),
    DENY(SYS_request_key),
    DENY(SYS_reboot),
    DENY(SYS_swapon),
    DENY(SYS_swapoff),
    DENY(SYS_acct),
    DENY(SYS_quotactl),
    DENY(SYS_sethostname),
    DENY(SYS_setdomainname),
    DENY(SYS_settimeofday),
    DENY(SYS_clock_settime),
    DENY(SYS_clock_adjtime),
    DENY(SYS_adjtimex),
    DENY(SYS_personality),
#ifdef SYS_iopl
    DENY(SYS_iopl),
    DENY(SYS_ioperm),
    DENY(SYS_modify_ldt),
#endif

    /* A process that a plugin starts would outlive the host that is killed for it. Threads may be
     * made; clone3 hides its flags, so the C library is sent back to clone. */
    DENY(SYS_execve),
    DENY(SYS_execveat),
#ifdef SYS_fork
    DENY(SYS_fork),
    DENY(SYS_vfork),
#endif
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
    FAIL(ENOSYS),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
    FAIL(EPERM),
    RETURN(SECCOMP_RET_ALLOW),
};

int linux_filter_host(void) {
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0],
                                 .filter = (struct sock_filter *)(uintptr_t)filter};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
        return 0;
    return errno == EINVAL || errno == ENOSYS ? 0 : -errno; /* a kernel built without it */
}

#else

int linux_filter_host(void) {
    return 0;
}

#endif
