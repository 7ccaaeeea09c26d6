/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event loop that a test turns by hand.
 */
#ifndef LOOP_WAIT_H
#define LOOP_WAIT_H

#include <check.h>
#include <event2/event.h>
#include <unistd.h>

static struct event_base	*base;

static void
turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* At most a second for something that the kernel or a timer does. */
#define WAIT_FOR(cond)							\
	do {								\
		for (int w_ = 0; w_ < 1000 && !(cond); w_++) {		\
			turn();						\
			if (!(cond))					\
				usleep(1000);				\
		}							\
		ck_assert(cond);					\
	} while (0)

#endif
