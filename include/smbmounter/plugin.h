/* SPDX-License-Identifier: MIT */
/* Copyright (c) the smbmounter authors */
/*
 * The plugin interface of smbmounter: the only public header.
 *
 * A plugin is a shared object with one exported symbol, `smbm_plugin`: a const struct smbm_probe
 * or struct smbm_recovery. It is loaded by smbmounter-plugin-host, a process of its own without the
 * daemon's rights, never by the daemon; it may hang or crash there and harms nobody: the host is
 * killed at the deadline and replaced. A plugin includes this header and nothing else of ours.
 *
 *      dlopen   the header is checked: magic, ABI major, struct_size
 *        |
 *      load()   once in each host process (optional)
 *        |
 *        +---- open(mount, options)     once for each mount that names the plugin (optional)
 *        |        |
 *        |      run(instance, ...)      probe: as often as it is due, one call at a time
 *        |      next(instance, ...)     recovery: one decision for each step of an attempt
 *        |        |
 *        +---- close(instance)          (optional)
 *        |
 *      the process ends; there is no unload, and it may end at any time without close()
 *
 * Promises to the plugin: options were checked against its table before any of its code runs; one
 * call at a time in a process; pointers given to a call are valid during that call only; strings
 * are never NULL. An instance can be replaced by a new one at any time (in another process, too):
 * what must survive goes into the four carry words, which the next call gets back.
 * Promises by the plugin: return before call->timeout_ms; never exit(); leave descriptors 0-3
 * alone; keep no open file and no working directory in a mount; start no process (threads may be).
 * On Linux the kernel refuses it (EPERM), as it does mounting, signals to others and what is worse.
 * A plugin cannot write: no file or folder is made, changed or removed, a test file on the share
 * neither (EACCES; before Linux 5.13 it may be made, but stays empty: EFBIG). Sockets are free.
 *
 * Compatibility: within one ABI major, structs grow at their end only and enum values are never
 * reused. The host copies the smaller of both sizes and zeroes the rest, so an old plugin runs in
 * a new host, and a new plugin in an old one as long as it bears a zero in what it does not know.
 *   1.0  first version
 *   1.1  smbm_mount.echo_interval_ms; smbm_situation.flags and .server_flags; SMBM_REPORT_ALIVE,
 *        SMBM_REPORT_STALLED, SMBM_REPORT_MOVED, SMBM_REPORT_RECONNECTS, SMBM_REPORT_UNANSWERED
 */
#ifndef SMBMOUNTER_PLUGIN_H
#define SMBMOUNTER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SMBM_ABI_MAJOR 1
#define SMBM_ABI_MINOR 1
#define SMBM_MAGIC 0x4d424d53u /* "SMBM" read as little endian */
#define SMBM_TEXT_MAX 192      /* evidence and reasons: one line, with its NUL */
#define SMBM_CARRY_WORDS 4
#define SMBM_STEPS_MAX 16 /* steps of one attempt that a situation lists */

enum smbm_kind { SMBM_KIND_PROBE = 1, SMBM_KIND_RECOVERY = 2 };

/* What a probe looked at. A server probe is called at most once for all mounts of a server. */
enum smbm_subject { SMBM_ON_MOUNT = 0, SMBM_ON_SERVER = 1 };

/* What a probe found. The first six speak of a mount, the last four of a server. */
enum smbm_verdict {
    SMBM_UNKNOWN = 0,     /* nothing said; never report it */
    SMBM_HEALTHY = 1,     /* it answered as it should */
    SMBM_SUSPECT = 2,     /* ambiguous (slow, stalled): counts a strike */
    SMBM_DEAD = 3,        /* definite: recover at once */
    SMBM_BLIND = 4,       /* refused to look (EPERM, EACCES): says nothing about health */
    SMBM_DENIED = 5,      /* the server no longer lets us in */
    SMBM_GONE = 6,        /* the share was removed on the server */
    SMBM_ANSWERS = 7,     /* the server speaks SMB */
    SMBM_MUTE = 8,        /* TCP connects, SMB stays silent */
    SMBM_REFUSED = 9,     /* the port is closed */
    SMBM_UNREACHABLE = 10 /* no route, no name, no packet back */
};

/* What to do next in a recovery. */
enum smbm_step {
    SMBM_STEP_PASS = 0,  /* nothing to say: ask the next plugin of the chain */
    SMBM_STEP_WAIT = 1,  /* for wait_ms, then ask again */
    SMBM_STEP_AWAIT = 2, /* until the server answers or the network changes */
    SMBM_STEP_RECONNECT =
        3, /* destroy the mount's stalled TCP connection; the kernel makes a new one */
    SMBM_STEP_PROBE = 4,   /* probe the mount now; healthy ends the recovery */
    SMBM_STEP_UNMOUNT = 5, /* plain unmount: fails when busy */
    SMBM_STEP_FORCE = 6,   /* unmount, aborting what is under way, and detach */
    SMBM_STEP_DETACH = 7,  /* take the mount out of the tree; open files live on */
    SMBM_STEP_MOUNT = 8,   /* mount; only when nothing is at the mountpoint */
    SMBM_STEP_CALL = 9,    /* call my own run(), at most timeout_ms, then ask again */
    SMBM_STEP_DONE = 10,   /* I think it is repaired: verify by a probe */
    SMBM_STEP_GIVE_UP = 11 /* nothing helps: state Failed, next attempt after failed_retry_sec */
};

enum smbm_outcome { SMBM_OUTCOME_NONE = 0, SMBM_OUTCOME_OK = 1, SMBM_OUTCOME_FAILED = 2 };

/* Options: a table in the plugin, checked by the daemon, shown by `smbmounter plugins NAME`. */
enum smbm_option_type {
    SMBM_OPT_BOOL = 1,    /* true, false */
    SMBM_OPT_INT = 2,     /* min to max */
    SMBM_OPT_STRING = 3,  /* min to max bytes */
    SMBM_OPT_CHOICE = 4,  /* one word of choices, "a|b|c" */
    SMBM_OPT_INT_LIST = 5 /* 1 to 32 numbers, each min to max */
};

struct smbm_option {
    const char *name; /* lower case, digits, underscores; the unit is its ending (_ms, _sec) */
    uint32_t type;
    uint32_t reserved;
    int64_t min, max;
    const char *def;     /* as it would stand in YAML ("5000", "[2, 5]"); NULL: must be given */
    const char *choices; /* SMBM_OPT_CHOICE only */
    const char *help;    /* one line */
};
#define SMBM_OPTIONS_END                                                                           \
    { NULL, 0, 0, 0, 0, NULL, NULL, NULL }

/* A value of the option with the same index in the plugin's table. */
struct smbm_value {
    int64_t number;      /* BOOL, INT; CHOICE: its index */
    const char *text;    /* STRING, CHOICE; "" otherwise */
    const int64_t *list; /* INT_LIST */
    size_t list_len;
};

/* A mount as the daemon knows it. */
struct smbm_mount {
    uint32_t size;
    uint32_t mounted;            /* 1 when the mount table shows our mount */
    const char *name;            /* as configured */
    const char *mounter;         /* "cifs", "netfs", "command" */
    const char *server, *share;  /* "" for mounter command */
    const char *source, *fstype; /* as the mount table shows them, else as expected */
    const char *mountpoint;      /* resolved */
    const char *address;         /* numeric address of the last mount, or "" */
    uint32_t port;
    uint32_t reserved;
    uint64_t mount_id;         /* Linux: of mountinfo; macOS: fsid; 0 when not mounted */
    uint64_t device;           /* st_dev as major << 32 | minor; 0 when not mounted */
    uint32_t echo_interval_ms; /* Linux SMB: the kernel asks an idle server so often; 0 unknown */
    uint32_t reserved_1_1;
};

/* One call of run(). */
struct smbm_call {
    uint32_t size;
    uint32_t timeout_ms; /* be back before this */
    uint64_t now_ms;     /* monotonic, includes sleep */
    const struct smbm_value *options;
    uint64_t carry[SMBM_CARRY_WORDS]; /* as the last report left them; zero at first */
};

/* What a report says beside its verdict. Of a mount, PROGRESS: data moved on the server's
 * connections within the last seconds (slow, never dead); ALIVE: they answer, if only the kernel's
 * echoes (slow, not dead, for two minutes); STALLED: one of them is dead, perhaps another mount's;
 * RECONNECTS: the kernel lost the mount's connection and tries to make a new one; UNANSWERED: on
 * one of them, perhaps another mount's, a request of the kernel's was taken and is not answered; it
 * gives such a connection up by itself.
 * Of a server that ANSWERS, MOVED: at another address than the mount's, and no longer at that. */
#define SMBM_REPORT_PROGRESS 1u
#define SMBM_REPORT_ALIVE 2u
#define SMBM_REPORT_STALLED 4u
#define SMBM_REPORT_MOVED 8u
#define SMBM_REPORT_RECONNECTS 16u
#define SMBM_REPORT_UNANSWERED 32u
#define SMBM_REPORT_ALL 63u

/* The answer to a call; the caller has zeroed it and set size, and carried the carry words over. */
struct smbm_report {
    uint32_t size;
    uint32_t verdict; /* enum smbm_verdict */
    int32_t os_errno; /* of the failed system call, else 0 */
    uint32_t flags;   /* SMBM_REPORT_* */
    uint64_t took_us; /* 0: the host fills it in */
    uint64_t carry[SMBM_CARRY_WORDS];
    char evidence[SMBM_TEXT_MAX]; /* one line, what was seen: "statx answered in 2 ms" */
};

/* A step already taken in this attempt. */
struct smbm_done {
    uint32_t step;    /* enum smbm_step */
    uint32_t outcome; /* enum smbm_outcome */
    uint64_t ago_ms;  /* since it ended */
    uint64_t took_ms;
};

/* What a recovery plugin decides from. */
struct smbm_situation {
    uint32_t size;
    uint32_t verdict;         /* of the mount, that began the recovery or the newest since */
    int32_t os_errno;         /* its errno */
    uint32_t attempt;         /* 0 for the first attempt of this outage */
    uint32_t mounted;         /* 1 while the mount table shows our mount */
    uint32_t server;          /* enum smbm_verdict of the server; SMBM_UNKNOWN: none, or no news */
    uint64_t server_since_ms; /* how long the server has been in that state */
    uint64_t network_changed_ms; /* how long ago the network changed; UINT64_MAX: never seen */
    uint64_t outage_ms;          /* since the outage began, or the machine woke in it */
    uint64_t attempt_ms;         /* since this attempt began */
    uint64_t random;             /* a fresh random number, for jitter */
    const struct smbm_value *options;
    uint64_t carry[SMBM_CARRY_WORDS]; /* this plugin's, from its last decision in this outage */
    uint32_t steps_len;               /* the newest steps of this attempt, oldest first */
    uint32_t reserved;
    struct smbm_done steps[SMBM_STEPS_MAX];
    char evidence[SMBM_TEXT_MAX];
    uint32_t flags;        /* SMBM_REPORT_* of the newest reports on the mount */
    uint32_t server_flags; /* of those on its server */
};

struct smbm_decision {
    uint32_t size;
    uint32_t step;       /* enum smbm_step */
    uint64_t wait_ms;    /* WAIT; AWAIT: at most so long, 0 for the daemon's limit */
    uint32_t timeout_ms; /* CALL; 0 for the default */
    uint32_t reserved;
    uint64_t carry[SMBM_CARRY_WORDS];
    char reason[SMBM_TEXT_MAX]; /* one line for `smbmounter why`; may be empty for PASS */
};

/* The frozen head of both kinds. Filled in by SMBM_HEADER below. */
struct smbm_header {
    uint32_t magic;
    uint16_t abi_major, abi_minor;
    uint32_t struct_size; /* of the whole smbm_probe or smbm_recovery */
    uint32_t kind;        /* enum smbm_kind */
    const char *name;     /* as in YAML: lower case, digits, hyphens; 1 to 32 bytes */
    const char *summary;  /* one line */
    const char *version;
    const struct smbm_option *options; /* up to SMBM_OPTIONS_END, at most 32; NULL for none */
};

#define SMBM_PROBE_PASSIVE 1u  /* never touches the share: asked every interval_ms as well */
#define SMBM_PROBE_SMB_ONLY 2u /* only makes sense on an SMB mount; left out elsewhere */

struct smbm_probe {
    struct smbm_header header;
    uint32_t subject;     /* enum smbm_subject */
    uint32_t flags;       /* SMBM_PROBE_* */
    uint32_t interval_ms; /* passive probes: how often; 0 when only on the mount's own interval */
    uint32_t timeout_ms; /* default deadline; 0 for the daemon's. An option named timeout_ms wins */
    int (*load)(void);   /* 0 or -errno */
    /* 0 or -errno with one line in error. NULL when the plugin needs no instance. */
    int (*open)(const struct smbm_mount *mount, const struct smbm_value *options, void **instance,
                char *error, size_t error_size);
    void (*close)(void *instance);
    void (*run)(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report);
};

struct smbm_recovery {
    struct smbm_header header;
    int (*load)(void);
    int (*open)(const struct smbm_mount *mount, const struct smbm_value *options, void **instance,
                char *error, size_t error_size);
    void (*close)(void *instance);
    void (*next)(void *instance, const struct smbm_mount *mount,
                 const struct smbm_situation *situation, struct smbm_decision *decision);
    void (*run)(void *instance, const struct smbm_mount *mount, const struct smbm_call *call,
                struct smbm_report *report); /* for SMBM_STEP_CALL; else NULL */
};

#define SMBM_PUBLIC __attribute__((visibility("default")))
#define SMBM_HEADER(kind_, type_)                                                                  \
    .magic = SMBM_MAGIC, .abi_major = SMBM_ABI_MAJOR, .abi_minor = SMBM_ABI_MINOR,                 \
    .struct_size = sizeof(struct type_), .kind = kind_

/* Define the plugin: SMBM_PROBE(.header = {SMBM_PROBE_HEADER, .name = "x", ...}, .run = run); */
#define SMBM_PROBE_HEADER SMBM_HEADER(SMBM_KIND_PROBE, smbm_probe)
#define SMBM_RECOVERY_HEADER SMBM_HEADER(SMBM_KIND_RECOVERY, smbm_recovery)
#define SMBM_PROBE(...)                                                                            \
    SMBM_PUBLIC extern const struct smbm_probe smbm_plugin;                                        \
    const struct smbm_probe smbm_plugin = {__VA_ARGS__}
#define SMBM_RECOVERY(...)                                                                         \
    SMBM_PUBLIC extern const struct smbm_recovery smbm_plugin;                                     \
    const struct smbm_recovery smbm_plugin = {__VA_ARGS__}

#ifdef __cplusplus
}
#endif
#endif
