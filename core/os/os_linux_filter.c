/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What a plugin host may not ask of the kernel, whatever rights it has: a seccomp filter. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>

#include "os/os_linux.h"

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#endif

#define X32_BIT 0x40000000u
#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), yes, no)
#define FAIL(code) RETURN(SECCOMP_RET_ERRNO | (code))
/* One call: when it is this one, take the next statement, else skip it. */
#define DENY(call) IS(call, 0, 1), FAIL(EPERM)
/* Allowed with this argument only. Decided here, as what was loaded is the number no more; of an
 * argument the low half, which is all that the kernel looks at where it takes an int. */
#define ONLY(call, arg, value)                                                                     \
    IS(call, 0, 4), LOAD(args[arg]), IS(value, 0, 1), RETURN(SECCOMP_RET_ALLOW), FAIL(EPERM)

#ifdef OWN_ARCH

static const struct sock_filter filter[] = {
    LOAD(arch),
    IS(OWN_ARCH, 1, 0),
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
    DENY(SYS_rt_tgsigqueueinfo),
    ONLY(SYS_prlimit64, 0, 0),
    /* a descriptor's events as a signal to its owner, who may be anybody */
    IS(SYS_fcntl, 0, 6),
    LOAD(args[1]),
    IS(F_SETOWN, 3, 0),
    IS(F_SETOWN_EX, 2, 0),
    IS(F_SETSIG, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    FAIL(EPERM),
    IS(SYS_ioctl, 0, 5),
    LOAD(args[1]),
    IS(FIOSETOWN, 2, 0),
    IS(SIOCSPGRP, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    FAIL(EPERM),

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
    DENY(LINUX_LANDLOCK_CREATE), /* ours is in force */
    DENY(LINUX_LANDLOCK_ADD_RULE),
    DENY(LINUX_LANDLOCK_RESTRICT),
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
    IS(SYS_clone3, 0, 1),
    FAIL(ENOSYS),
    IS(SYS_clone, 0, 3),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
    FAIL(EPERM),
    RETURN(SECCOMP_RET_ALLOW),
};

static int install(const struct sock_filter *statements, unsigned short len) {
    struct sock_fprog program = {.len = len, .filter = (struct sock_filter *)(uintptr_t)statements};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ? 0 : -errno;
}

/* raise() and abort() are a signal to a thread of one's own process. The call has the same number
 * for nobody else: other architectures end at the filter above, and the strictest decides. */
static int filter_signals(void) {
    const struct sock_filter own[] = {
        LOAD(nr),
        ONLY(SYS_tgkill, 0, (uint32_t)getpid()),
        RETURN(SECCOMP_RET_ALLOW),
    };
    return install(own, sizeof own / sizeof own[0]);
}

int linux_filter_host(void) {
    int rc = filter_signals();
    if (rc == 0)
        rc = install(filter, sizeof filter / sizeof filter[0]);
    return rc == -EINVAL || rc == -ENOSYS ? 0 : rc; /* a kernel built without it */
}

#else

int linux_filter_host(void) {
    return 0;
}

#endif
