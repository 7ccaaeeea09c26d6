/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Floods of HTTP/2: frames that cost the receiver more than the sender
 * (CVE-2019-9511 to -9518, CVE-2023-44487, CVE-2025-8671).  For each kind a
 * peer has a purse: it starts full, fills up with time, and for some kinds
 * with the bytes of bodies that pass, because who moves data needs window
 * updates and may well measure the path with pings.
 */
#include "http/h2.h"

#include "base/clock.h"
#include "base/dbg.h"

enum { EARN_BYTES = 1024 };		/* of bodies, for each frame earned */

static const struct {
	const char	*name;
	uint32_t	 full, per_second;
	uint32_t	 earns;		/* for EARN_BYTES */
} kinds[WAD_H2_KINDS] = {
	/* A browser that leaves a page resets its streams at once. */
	[WAD_H2_RESET] = { "resets", 500, 50, 0 },
	[WAD_H2_SETTINGS] = { "settings", 50, 2, 0 },
	[WAD_H2_PING] = { "pings", 200, 20, 1 },
	[WAD_H2_EMPTY] = { "empty frames", 200, 20, 0 },
	/* Some readers send two for each piece, however small. */
	[WAD_H2_WINDOW] = { "window updates", 4000, 400, 2 },
	[WAD_H2_PRIORITY] = { "priorities", 1000, 50, 0 },
};

void
wad_h2_flood_init(struct wad_h2_side *s)
{
	for (int k = 0; k < WAD_H2_KINDS; k++)
		s->left[k] = kinds[k].full;
	s->then = wad_clock_ms();
}

static void
add(struct wad_h2_side *s, int k, uint64_t n)
{
	uint64_t left = s->left[k] + n;

	s->left[k] = left > kinds[k].full ? kinds[k].full : (uint32_t)left;
}

static void
refill(struct wad_h2_side *s)
{
	uint64_t seconds = (wad_clock_ms() - s->then) / 1000;

	if (seconds == 0)
		return;
	s->then += seconds * 1000;
	for (int k = 0; k < WAD_H2_KINDS; k++)
		add(s, k, seconds * kinds[k].per_second);
}

void
wad_h2_flood_count(struct wad_h2_side *s, enum wad_h2_kind k)
{
	if (s->left[k] == 0)
		refill(s);
	if (s->left[k] > 0) {
		s->left[k]--;
		return;
	}
	if (!s->h2->failed)
		WAD_DBG(HTTP, WAD_W, "http2 flood of %s from the %s",
		    kinds[k].name, s->leg == WAD_HTTP_UP ? "client" :
		    "server");
	wad_h2_fail(s, WR_HTTP_FLOOD, NGHTTP2_ENHANCE_YOUR_CALM);
}

void
wad_h2_flood_earn(struct wad_h2_side *s, size_t bytes)
{
	uint64_t n;

	s->credit += bytes;
	n = s->credit / EARN_BYTES;
	if (n == 0)
		return;
	s->credit %= EARN_BYTES;
	for (int k = 0; k < WAD_H2_KINDS; k++)
		add(s, k, n * kinds[k].earns);
}
