/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples of the workers' counters, see history.h.
 */
#include "control/history.h"

#include <string.h>

#include "base/clock.h"
#include "control/control.h"

static uint64_t
word(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

void
wad_history_now(const struct wad_control *c, struct wad_history_sample *s)
{
	memset(s, 0, sizeof(*s));
	s->ms = wad_clock_ms();
	for (unsigned i = 0; i < c->n_rings; i++) {
		const struct wad_ctl_ring *r = &c->rings[i];
		const uint64_t		  *n;

		if (r->seg == NULL || strcmp(r->role, "worker") != 0)
			continue;
		n = r->seg->stats.counter;
		s->sessions += word(&r->seg->stats.gauge[WAD_GAUGE_SESSIONS]);
		s->setups += word(&n[WAD_CNT_SESSIONS]);
		s->bytes += word(&n[WAD_CNT_BYTES_UP]) +
		    word(&n[WAD_CNT_BYTES_DOWN]);
	}
}

void
wad_history_tick(struct wad_control *c)
{
	struct wad_history		*h = &c->history;
	const struct wad_history_sample *last = &h->s[(h->next + WAD_HISTORY -
	    1) % WAD_HISTORY];

	if (last->ms != 0 && wad_clock_ms() - last->ms < WAD_HISTORY_MS)
		return;
	wad_history_now(c, &h->s[h->next]);
	h->next = (h->next + 1) % WAD_HISTORY;
}

uint64_t
wad_history_rate(const struct wad_control *c)
{
	const struct wad_history	*h = &c->history;
	struct wad_history_sample	 now;

	wad_history_now(c, &now);
	for (unsigned i = 1; i < WAD_HISTORY; i++) {
		const struct wad_history_sample *s = &h->s[(h->next +
		    WAD_HISTORY - i) % WAD_HISTORY];

		if (s->ms != 0 && now.ms - s->ms >= 1000)
			return now.setups < s->setups ? 0 : (now.setups -
			    s->setups) * 1000 / (now.ms - s->ms);
	}
	return 0;
}

void
wad_history_average(const struct wad_control *c, unsigned minutes,
    struct wad_history_average *a)
{
	const struct wad_history	*h = &c->history;
	struct wad_history_sample	 now;
	const struct wad_history_sample	*first = &now;
	uint64_t			 sum = 0, n = 0, span;

	wad_history_now(c, &now);
	for (unsigned i = 0; i < WAD_HISTORY; i++) {
		const struct wad_history_sample *s = &h->s[(h->next + i) %
		    WAD_HISTORY];

		if (s->ms == 0 || now.ms - s->ms > minutes * 60000ULL)
			continue;
		if (first == &now)
			first = s;
		sum += s->sessions;
		n++;
	}
	a->sessions = (sum + now.sessions) / (n + 1);
	span = now.ms - first->ms;
	if (now.setups < first->setups || now.bytes < first->bytes)
		span = 0;		/* a ring is gone */
	a->setup_rate = span == 0 ? 0 : (now.setups - first->setups) * 1000 /
	    span;
	a->kbps = span == 0 ? 0 : (now.bytes - first->bytes) * 8 / span;
}
