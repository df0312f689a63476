/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copyright (c) the smbmounter authors */
/* What handlers are made of: entering a state, beginning an operation. Private to core/machine. */
#ifndef MACHINE_MOVES_H
#define MACHINE_MOVES_H

#include "machine/handlers.h"

/* Add an action; one that begins an operation gets its id. */
void move_act(struct work *w, enum machine_action_id id);
void move_enter(struct work *w, enum machine_state state, enum machine_reason reason);
/* TIMER comes after ms (at least 1). */
void move_wait_for(struct work *w, uint64_t ms);

void move_begin_mount(struct work *w, enum machine_reason reason);
void move_begin_unmount(struct work *w, enum machine_reason reason);
void move_begin_recovery(struct work *w, enum machine_reason reason);
void move_enter_mounted(struct work *w, enum machine_reason reason);
void move_fail(struct work *w, enum machine_reason reason);

/* Nothing is wanted: take down what is there, or be done. */
void move_go_down(struct work *w);

/* The next step of a recovery, as the wishes and the mount table are now. */
void move_decide(struct work *w);

#endif
