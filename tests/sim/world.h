/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/*
 * The world outside of the daemon: SMB servers, their shares, and what the kernel's client makes of
 * it. Times and errnos are those measured on Debian's kernels with echo_interval=5:
 *
 *              the kernel notices      a stat meanwhile            after the repair
 *   killed     at once (RST)           EHOSTDOWN after 10 s        heals in 0.06 to 3.2 s
 *   mute       after 3 echoes          hangs, often unkillable     heals in 3 to 16 s, at once when
 *   dropped    after 3 echoes          hangs                       nothing had been noticed yet
 *   half open  after 3 echoes, heals   hangs, then OK              0.3 to 0.7 s after SOCK_DESTROY
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#define WORLD_SERVERS 4
#define WORLD_SHARES 8
#define WORLD_MOUNTS 64 /* kernel mounts, detached ones that somebody holds included */

enum server_mode { SERVER_UP, SERVER_KILLED, SERVER_MUTE, SERVER_DROPPED };
enum connection { CONNECTION_GOOD, CONNECTION_LOST, CONNECTION_DENIED };

struct server {
    char host[32], address[32];
    enum server_mode mode;
    unsigned password; /* its version; a login with another one is refused */
    uint32_t slow_ms;  /* added to every answer about a share */
    unsigned questions, bad_logins;
};

struct share {
    char name[32], mountpoint[64], source[64]; /* name of the mount, too */
    struct server *server;
    bool there;           /* on the server */
    bool foreign;         /* something that is not ours is mounted over the mountpoint */
    bool moving;          /* somebody reads or writes much */
    unsigned users;       /* who hold files open: they keep a detached mount alive */
    unsigned password;    /* what the credential says */
    unsigned looks;       /* statfs and statx calls begun */
    unsigned looks_alive; /* of these, not ended and reaped */
    unsigned asks_hung;   /* kernel-status that cannot be killed */
};

/* A mount of the kernel's client. */
struct kmount {
    struct share *share; /* NULL: free */
    uint64_t id, device;
    bool in_table;
    char address[32];
    enum connection connection;
    uint64_t lost_ms;                 /* since when it is LOST */
    uint64_t silent_ms;               /* black-holed since; 0: it is not */
    uint64_t packet_ms;               /* a packet waits for its acknowledgement since */
    uint64_t alarm;                   /* the engine's id of its next change */
    uint64_t asked_ms, reconnects_ms; /* macOS: something waits, it reconnects since; 0 */
    bool says, dead;                  /* macOS: what the kernel tells of it */
};

struct world {
    struct server servers[WORLD_SERVERS];
    struct share shares[WORLD_SHARES];
    struct kmount mounts[WORLD_MOUNTS];
    unsigned servers_len, shares_len;
    uint64_t last_mount_id;
    uint32_t echo_ms;        /* echo_interval */
    bool no_socket_destroy;  /* a kernel without SOCK_DESTROY */
    unsigned unkillable;     /* percent of the hung calls that cannot be killed for a while */
    bool status_hangs;       /* asking the kernel about its mounts hangs, unkillable */
    bool mac, nobrowse;      /* macOS's client (kernel_mac.h); mounted nobrowse */
    int status_errno;        /* macOS: the kernel does not let us ask */
    uint64_t stuck_until_ms; /* macOS: an unmount begun before that hangs until then */
    unsigned unmounts_at_once;
    void (*table_changed)(void);
    void (*health_changed)(void); /* macOS: EVFILT_FS */
};
extern struct world world;

void world_reset(void (*table_changed)(void));
struct server *world_server(const char *host, const char *address);
struct share *world_share(struct server *server, const char *name);
struct share *world_share_named(const char *name);

/* Faults and repairs. */
void world_set_mode(struct server *server, enum server_mode mode);
void world_half_open(struct share *share); /* its connection is black-holed, new ones work */
void world_move(struct server *server, const char *address);
void world_tear_away(struct share *share); /* umount -l by somebody */
void world_cover(struct share *share, bool covered);

/* What the table shows: ours, on top. NULL when not. */
struct kmount *world_top(const struct share *share);
/* The mount works, as far as the kernel goes. */
bool world_is_well(const struct share *share);
/* mountinfo's text; malloc'd. */
char *world_table(void);

/* kernel.c: how the server looks from the address that a mount uses. */
enum server_mode kernel_sees(const struct kmount *m);
void kernel_mode_changed(struct kmount *m, enum server_mode before);
void kernel_silence(struct kmount *m);
/* SOCK_DESTROY of the stalled connections to an address; how many. */
unsigned kernel_destroy_stalled(const char *address);
/* mount(2): 0, an errno, or -1 while it blocks. On 0 the mount is there. */
int kernel_mount(struct share *share);
/* umount2; detach: MNT_DETACH. 0 or an errno. */
int kernel_unmount(struct share *share, uint64_t id, bool detach);

/* statx or statfs: 0 or an errno, or -1 while it blocks since began_ms. */
int kernel_look(const struct share *share, uint64_t began_ms);
/* How long until a process that hangs in such a call is gone after SIGKILL. */
uint64_t kernel_reap_ms(const struct share *share, uint64_t id);
bool kernel_holds(const struct share *share, uint64_t id); /* the mount may still hold it */
/* Detached mounts that nobody uses any more are gone. */
void kernel_let_go(struct share *share);

#endif
