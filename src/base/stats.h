/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a role counts: plain words in its own ring segment, written by it
 * alone, read by wad-control (`diagnose wad stats`) and wad-export
 * (Prometheus).  Counters only rise; gauges are what is now.
 */
#ifndef WAD_BASE_STATS_H
#define WAD_BASE_STATS_H

#include <stdint.h>

enum wad_counter {
#define COUNTER(id, name, help) WAD_CNT_##id,
#include "base/counter.def"
#undef COUNTER
	WAD_CNT_N
};

enum wad_gauge {
#define GAUGE(id, name, help) WAD_GAUGE_##id,
#include "base/gauge.def"
#undef GAUGE
	WAD_GAUGE_N
};

enum wad_histo_id {
#define HISTO(id, name, help) WAD_HISTO_##id,
#include "base/histo.def"
#undef HISTO
	WAD_HISTO_N
};

enum wad_cache_id {
#define CACHE(id, role, name, help) WAD_CACHE_##id,
#include "base/cache.def"
#undef CACHE
	WAD_CACHE_N
};

enum { WAD_COUNTERS_MAX = 128, WAD_GAUGES_MAX = 64, WAD_HISTOS_MAX = 16,
	WAD_CACHES_MAX = 16, WAD_HISTO_BUCKETS = 16,
	WAD_STATS_REASONS = 96, WAD_STATS_CATEGORIES = 256,
	WAD_STATS_ACTIONS = 5 };

/* Upper bounds of the buckets in microseconds; the last one has none. */
extern const uint64_t wad_histo_bounds[WAD_HISTO_BUCKETS - 1];

struct wad_histo {
	uint64_t bucket[WAD_HISTO_BUCKETS];	/* not cumulative */
	uint64_t sum;			/* microseconds */
};

struct wad_cache_stats {
	uint64_t entries, hits, misses, evicted;
};

struct wad_stats {
	uint64_t counter[WAD_COUNTERS_MAX];	/* enum wad_counter */
	uint64_t gauge[WAD_GAUGES_MAX];		/* enum wad_gauge */
	struct wad_histo histo[WAD_HISTOS_MAX];	/* enum wad_histo_id */
	struct wad_cache_stats cache[WAD_CACHES_MAX];	/* enum wad_cache_id */
	uint64_t ended[WAD_STATS_REASONS];	/* sessions, by wad_reason_id */
	uint64_t verdict[WAD_STATS_REASONS];	/* server certificates judged,
						 * by wad_reason_id; WR_N: good */
	uint64_t category[WAD_STATS_CATEGORIES][WAD_STATS_ACTIONS];
						/* sessions rated, by enum
						 * wad_wf_action */
};

extern const char *const wad_counter_names[WAD_CNT_N];
extern const char *const wad_counter_help[WAD_CNT_N];
extern const char *const wad_gauge_names[WAD_GAUGE_N];
extern const char *const wad_gauge_help[WAD_GAUGE_N];
extern const char *const wad_histo_names[WAD_HISTO_N];
extern const char *const wad_histo_help[WAD_HISTO_N];
extern const char *const wad_cache_names[WAD_CACHE_N];
extern const char *const wad_cache_roles[WAD_CACHE_N];	/* whose it is */

/* This role's own, never NULL: a place that nobody reads until the segment is
 * there. */
extern struct wad_stats *wad_stats;
void	wad_stats_attach(struct wad_stats *);	/* NULL: that place again */

#define WAD_COUNT(id)		((void)wad_stats->counter[WAD_CNT_##id]++)
#define WAD_COUNT_ADD(id, n)						\
	((void)(wad_stats->counter[WAD_CNT_##id] += (uint64_t)(n)))
#define WAD_GAUGE_SET(id, n)						\
	((void)(wad_stats->gauge[WAD_GAUGE_##id] = (uint64_t)(n)))

#define WAD_GAUGE_ADD(id, n)						\
	((void)(wad_stats->gauge[WAD_GAUGE_##id] += (uint64_t)(n)))

/* One duration. */
void	wad_stats_time(enum wad_histo_id, uint64_t us);
/* The time since *since (wad_clock_us), which becomes 0; nothing when it was
 * 0: what is timed did not begin. */
void	wad_stats_since(enum wad_histo_id, uint64_t *since);

#endif
