/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking, locking and reading the records of sessions.
 */
#include "session/slot.h"

#include <stdlib.h>
#include <string.h>

#include "base/dbg.h"
#include "base/reason.h"
#include "base/xmem.h"

enum { TRIES = 100 };

static struct wad_slot_seg	*seg;
static uint32_t			*free_list;	/* last in, first out: the
						 * segment stays dense */
static uint32_t			 n_free;

void
wad_slot_attach(struct wad_slot_seg *s)
{
	seg = s;
	free(free_list);
	free_list = NULL;
	n_free = 0;
	if (s == NULL)
		return;
	s->magic = WAD_SLOT_MAGIC;
	s->high = s->used = s->ending = 0;
	free_list = wad_xcalloc(WAD_SLOTS_MAX, sizeof(*free_list));
}

struct wad_slot_seg *
wad_slot_seg(void)
{
	return seg;
}

struct wad_slot *
wad_slot_take(uint32_t serial)
{
	struct wad_slot *s;

	if (seg == NULL) {
		s = wad_xcalloc(1, sizeof(*s));
		s->serial = serial;
		s->reason = WR_N;
		return s;
	}
	if (n_free > 0)
		s = &seg->slot[free_list[--n_free]];
	else if (seg->high < WAD_SLOTS_MAX)
		s = &seg->slot[seg->high];
	else
		return NULL;
	wad_slot_begin(s);
	memset(&s->serial, 0, sizeof(*s) - offsetof(struct wad_slot, serial));
	s->serial = serial;
	s->reason = WR_N;
	wad_slot_end(s);
	if (s == &seg->slot[seg->high])
		__atomic_store_n(&seg->high, seg->high + 1, __ATOMIC_RELEASE);
	seg->used++;
	seg->setups++;
	return s;
}

void
wad_slot_release(struct wad_slot *s)
{
	if (s == NULL)
		return;
	if (seg == NULL) {
		free(s);
		return;
	}
	wad_slot_begin(s);
	s->serial = 0;
	wad_slot_end(s);
	seg->used--;
	free_list[n_free++] = (uint32_t)(s - seg->slot);
}

void
wad_slot_begin(struct wad_slot *s)
{
	__atomic_store_n(&s->seq, s->seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

void
wad_slot_end(struct wad_slot *s)
{
	__atomic_store_n(&s->seq, s->seq + 1, __ATOMIC_RELEASE);
}

void
wad_slot_ending(uint32_t serial)
{
	if (seg == NULL || wad_dbg_ring == NULL)
		return;
	seg->ending_log = wad_dbg_ring->log_next;
	__atomic_store_n(&seg->ending, serial, __ATOMIC_RELEASE);
}

uint32_t
wad_slot_high(const struct wad_slot_seg *s)
{
	uint32_t n = __atomic_load_n(&s->high, __ATOMIC_ACQUIRE);

	return n < WAD_SLOTS_MAX ? n : WAD_SLOTS_MAX;
}

/* Texts of a segment that somebody else writes. */
static void
end_texts(struct wad_slot *s)
{
#define END(field) (s->field[sizeof(s->field) - 1] = '\0')
	END(clt.dev), END(srv.dev), END(clt.intf), END(srv.intf);
	END(clt.role), END(srv.role);
	END(clt.tls_cipher), END(srv.tls_cipher);
	END(poluuid), END(policy_name), END(service), END(comment);
	END(user), END(group), END(auth_server), END(host), END(msg);
	END(sct);
#undef END
}

bool
wad_slot_read(const struct wad_slot_seg *g, uint32_t i, bool dead,
    struct wad_slot *copy)
{
	const struct wad_slot	*s;
	uint32_t		 seq = 1;

	if (i >= wad_slot_high(g))
		return false;
	s = &g->slot[i];
	if (__atomic_load_n(&s->serial, __ATOMIC_RELAXED) == 0)
		return false;
	for (int k = 0; k < TRIES; k++) {
		seq = __atomic_load_n(&s->seq, __ATOMIC_ACQUIRE);
		memcpy(copy, s, sizeof(*copy));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if ((seq & 1) == 0 && __atomic_load_n(&s->seq,
		    __ATOMIC_RELAXED) == seq)
			break;
		seq = 1;
	}
	end_texts(copy);
	return copy->serial != 0 && (dead || seq != 1);
}

uint32_t
wad_slot_expire(const struct wad_slot *s, uint64_t now_ms)
{
	uint64_t idle = now_ms > s->last_ms ? (now_ms - s->last_ms) / 1000 : 0;

	return idle >= s->timeout ? 0 : s->timeout - (uint32_t)idle;
}
