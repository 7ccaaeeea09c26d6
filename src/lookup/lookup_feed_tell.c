/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of the threat feeds: for the console, and in numbers.
 */
#include "lookup/lookup_feed.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/stats.h"
#include "base/xmem.h"
#include "policy/feed_db.h"

enum {
	RANGES_SHOWN = 1000,
	ANSWER_MAX = 120 * 1024		/* of a message */
};

static const char *const types[] = {
	[WAD_FEED_CATEGORY] = "category", [WAD_FEED_DOMAIN] = "domain",
	[WAD_FEED_ADDRESS] = "address",
};

static const char *const states[] = {
	[WAD_FEED_IDLE] = "idle", [WAD_FEED_DUE] = "due",
	[WAD_FEED_FETCHING] = "fetching", [WAD_FEED_BUILDING] = "compiling",
	[WAD_FEED_SAVING] = "saving",
};

/* "12s", or "never" of what never was. */
static const char *
ago(char *buf, size_t size, int64_t when)
{
	int64_t age = wad_clock_wall() - when;

	if (when == 0)
		snprintf(buf, size, "never");
	else
		snprintf(buf, size, "%" PRId64 "s", age > 0 ? age : 0);
	return buf;
}

static void
list_one(const struct wad_feed_job *j, struct wad_str *out)
{
	char		age[32], cat[16] = "";
	uint64_t	now = wad_clock_ms();

	if (j->conf->type != WAD_FEED_ADDRESS)
		snprintf(cat, sizeof(cat), " category=%u", j->conf->category);
	wad_str_addf(out, "name=%s type=%s%s state=%s entries=%u age=%s "
	    "next=%" PRIu64 "s failures=%u%s%s\n", j->name,
	    types[j->conf->type], cat, states[j->state],
	    j->fd != -1 ? j->kept.entries : 0, ago(age, sizeof(age),
	    j->kept.fetched), j->due > now ? (j->due - now) / 1000 : 0,
	    j->failures, j->failures > 0 ? " error=" : "",
	    j->failures > 0 ? j->why : "");
}

static void
stats_one(const struct wad_feed_job *j, struct wad_str *out)
{
	char	age[32], tried[32];

	wad_str_addf(out, "name: %s; uuid_idx: 0; type: %s table; "
	    "update_method: feed; total lines: %u; valid lines: %u; "
	    "error lines: %u; used: yes; buildable: %u;\n", j->name,
	    types[j->conf->type], j->kept.lines, j->kept.good, j->kept.bad,
	    j->kept.entries);
	/* a query may hold a secret */
	wad_str_addf(out, "  resource: %.*s\n  updated: %s ago; tried: %s "
	    "ago; updates: %" PRIu64 "; unchanged: %" PRIu64
	    "; failures: %" PRIu64 " (%u in a row)\n",
	    (int)strcspn(j->conf->url, "?"), j->conf->url, ago(age,
	    sizeof(age), j->kept.fetched), ago(tried, sizeof(tried),
	    j->tried), j->n_updates, j->n_same, j->n_failed, j->failures);
	if (j->failures > 0)
		wad_str_addf(out, "  error: %s\n", j->why);
	for (unsigned i = 0; i < j->count.bad && i < WAD_FEED_BAD_SHOWN &&
	    j->count.shown[i].why != NULL; i++)
		wad_str_addf(out, "  line %u \"%s\": %s\n",
		    j->count.shown[i].line, j->count.shown[i].text,
		    j->count.shown[i].why);
}

static void
refresh_one(const struct wad_feed_job *j, struct wad_str *out)
{
	wad_feed_job_refresh((struct wad_feed_job *)(uintptr_t)j);
	wad_str_addf(out, "%s is being fetched\n", j->name);
}

static void
addresses_one(const struct wad_feed_job *j, struct wad_str *out)
{
	char			 err[160], a[WAD_ADDR_STRLEN],
				 b[WAD_ADDR_STRLEN];
	int			 fd = j->fd != -1 ? fcntl(j->fd,
				     F_DUPFD_CLOEXEC, 0) : -1;
	struct wad_feed_db	*db = fd != -1 ? wad_feed_db_open(fd, err,
				     sizeof(err)) : NULL;
	const struct wad_feed_head *h = db != NULL ? wad_feed_db_head(db) :
	    NULL;
	struct wad_addr		 lo, hi;
	size_t			 i;

	if (h == NULL) {
		wad_str_addf(out, "there is no copy of %s\n", j->name);
		return;
	}
	wad_str_addf(out, "%s: IPv4 ranges (num=%u), IPv6 ranges (num=%u)\n",
	    j->name, h->n_v4, h->n_v6);
	for (i = 0; i < RANGES_SHOWN && wad_feed_db_range(db, i, &lo, &hi);
	    i++)
		wad_str_addf(out, "%s-%s\n", wad_addr_ip_str(&lo, a),
		    wad_addr_ip_str(&hi, b));
	if (wad_feed_db_range(db, i, &lo, &hi))
		wad_str_addf(out, "and %zu more\n", (size_t)h->n_v4 +
		    h->n_v6 - i);
	wad_feed_db_close(db);
}

static const struct {
	const char	*word;
	bool		 need_name;
	void	(*run)(const struct wad_feed_job *, struct wad_str *);
} commands[] = {
	{ "list", false, list_one },
	{ "stats", false, stats_one },
	{ "refresh", true, refresh_one },
	{ "addresses", true, addresses_one },
};

/* Those of a name, or all. */
static bool
each(struct wad_feeds *s, const char *name, void (*run)(const struct
    wad_feed_job *, struct wad_str *), struct wad_str *out)
{
	struct wad_list	*l, *tmp;
	bool		 any = false;

	WAD_LIST_EACH(&s->jobs, l, tmp) {
		const struct wad_feed_job *j = WAD_LIST_ENTRY(l,
		    struct wad_feed_job, link);

		if (j->conf == NULL || (*name != '\0' &&
		    strcmp(j->name, name) != 0))
			continue;
		if (out->len > ANSWER_MAX) {
			wad_str_add(out, "and others: ask by name\n");
			break;
		}
		run(j, out);
		any = true;
	}
	return any;
}

bool
wad_lookup_feed_command(struct wad_feeds *s, const char *words,
    struct wad_str *out)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t		 n = strlen(commands[i].word);
		const char	*name = words + n;

		if (strncmp(words, commands[i].word, n) != 0 ||
		    (*name != '\0' && *name != ' '))
			continue;
		name += *name == ' ';
		if (commands[i].need_name && *name == '\0')
			return false;
		if (!each(s, name, commands[i].run, out))
			wad_str_addf(out, *name != '\0' ?
			    "no external-resource %s runs\n" :
			    "there is no external-resource%s\n", name);
		return true;
	}
	return false;
}

void
wad_lookup_feed_tell(struct wad_feeds *s)
{
	struct wad_list	*l, *tmp;
	uint64_t	 entries = 0, ok = 0, failing = 0, missing = 0;
	int64_t		 oldest = 0, now = wad_clock_wall();

	WAD_LIST_EACH(&s->jobs, l, tmp) {
		const struct wad_feed_job *j = WAD_LIST_ENTRY(l,
		    struct wad_feed_job, link);

		if (j->conf == NULL)
			continue;
		ok += j->failures == 0 && j->fd != -1;
		failing += j->failures > 0;
		missing += j->fd == -1;
		if (j->fd == -1)
			continue;
		entries += j->kept.entries;
		if (now - j->kept.fetched > oldest)
			oldest = now - j->kept.fetched;
	}
	WAD_GAUGE_SET(FEEDS_OK, ok);
	WAD_GAUGE_SET(FEEDS_FAILING, failing);
	WAD_GAUGE_SET(FEEDS_MISSING, missing);
	WAD_GAUGE_SET(FEED_ENTRIES, entries);
	WAD_GAUGE_SET(FEED_AGE, oldest);
}
