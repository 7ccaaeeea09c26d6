/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the counters, and the histograms.
 */
#include "base/stats.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/reason.h"

#define COUNTER(id, name, help) name,
const char *const wad_counter_names[WAD_CNT_N] = {
#include "base/counter.def"
};
#undef COUNTER
#define COUNTER(id, name, help) help,
const char *const wad_counter_help[WAD_CNT_N] = {
#include "base/counter.def"
};
#undef COUNTER
#define GAUGE(id, name, help) name,
const char *const wad_gauge_names[WAD_GAUGE_N] = {
#include "base/gauge.def"
};
#undef GAUGE
#define GAUGE(id, name, help) help,
const char *const wad_gauge_help[WAD_GAUGE_N] = {
#include "base/gauge.def"
};
#undef GAUGE
#define HISTO(id, name, help) name,
const char *const wad_histo_names[WAD_HISTO_N] = {
#include "base/histo.def"
};
#undef HISTO
#define HISTO(id, name, help) help,
const char *const wad_histo_help[WAD_HISTO_N] = {
#include "base/histo.def"
};
#undef HISTO

#define CACHE(id, role, name, help) name,
const char *const wad_cache_names[WAD_CACHE_N] = {
#include "base/cache.def"
};
#undef CACHE
#define CACHE(id, role, name, help) role,
const char *const wad_cache_roles[WAD_CACHE_N] = {
#include "base/cache.def"
};
#undef CACHE

const uint64_t wad_histo_bounds[WAD_HISTO_BUCKETS - 1] = {
	250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000,
	500000, 1000000, 2500000, 5000000, 10000000
};

_Static_assert((int)WAD_CNT_N <= (int)WAD_COUNTERS_MAX, "counters");
_Static_assert((int)WAD_GAUGE_N <= (int)WAD_GAUGES_MAX, "gauges");
_Static_assert((int)WAD_HISTO_N <= (int)WAD_HISTOS_MAX, "histograms");
_Static_assert((int)WAD_CACHE_N <= (int)WAD_CACHES_MAX, "caches");
_Static_assert((int)WR_N < (int)WAD_STATS_REASONS, "reasons");

static struct wad_stats	 nowhere;
struct wad_stats	*wad_stats = &nowhere;

void
wad_stats_attach(struct wad_stats *s)
{
	wad_stats = s != NULL ? s : &nowhere;
}

void
wad_stats_time(enum wad_histo_id id, uint64_t us)
{
	struct wad_histo	*h = &wad_stats->histo[id];
	unsigned		 b = 0;

	while (b < WAD_HISTO_BUCKETS - 1 && us > wad_histo_bounds[b])
		b++;
	h->bucket[b]++;
	h->sum += us;
}

void
wad_stats_since(enum wad_histo_id id, uint64_t *since)
{
	if (*since != 0)
		wad_stats_time(id, wad_clock_us() - *since);
	*since = 0;
}
