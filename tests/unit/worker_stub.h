/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of worker_main.c, which has a main of its own: what is linked and must not
 * be called.
 */
#ifndef UNIT_WORKER_STUB_H
#define UNIT_WORKER_STUB_H

#include <check.h>

#include "worker/worker.h"

void
wad_worker_conf_put(struct wad_worker_conf *c)
{
	ck_abort_msg("conf_put %p", (void *)c);
}

struct wad_worker_conf *
wad_worker_conf_get(struct wad_worker_conf *c)
{
	ck_abort_msg("conf_get %p", (void *)c);
	return c;
}

bool
wad_worker_is_own(const struct wad_worker *wk, const struct wad_addr *a)
{
	ck_abort_msg("is_own %p %p", (const void *)wk, (const void *)a);
	return false;
}

int
wad_worker_spare(struct wad_worker *wk, int family)
{
	ck_abort_msg("spare %p %d", (void *)wk, family);
	return -1;
}

#endif
