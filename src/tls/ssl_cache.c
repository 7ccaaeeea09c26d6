/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The caches of a worker on the console, see ssl_cache.h.
 */
#include "tls/ssl_cache.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

static const struct wad_ssl_cache *const caches[] = {
	&wad_ssl_cic_cache, &wad_ssl_cert_storage_cache,
	&wad_ssl_bypass_cache_cache, &wad_ssl_session_cache,
	&wad_ssl_learn_cache,
};
static const enum wad_cache_id ids[] = {	/* in that order */
	WAD_CACHE_VERDICTS, WAD_CACHE_CERTS, WAD_CACHE_BYPASS,
	WAD_CACHE_SESSIONS, WAD_CACHE_LEARNED,
};
enum { N_CACHES = sizeof(caches) / sizeof(caches[0]) };

static const char *
host_of(const struct wad_ssl_cache *c, const struct wad_lru_entry *e)
{
	return *(char *const *)(const void *)((const char *)e + c->host_at);
}

static size_t
size_of(const struct wad_ssl_cache *c, const struct wad_lru_entry *e)
{
	return c->item + strlen(host_of(c, e)) + 1 +
	    (c->more != NULL ? c->more(e) : 0);
}

void
wad_ssl_cache_list(struct wad_str *out)
{
	for (size_t i = 0; i < N_CACHES; i++) {
		const struct wad_lru	*t = caches[i]->lru;
		struct wad_list		*l, *tmp;
		size_t			 bytes = 0;

		WAD_LIST_EACH(&t->age, l, tmp)
			bytes += size_of(caches[i], WAD_LIST_ENTRY(l,
			    struct wad_lru_entry, age));
		wad_str_addf(out, "%s %zu %zu %zu %" PRIu64 " %" PRIu64 " %"
		    PRIu64 "\n", caches[i]->name, t->n, t->max, bytes,
		    t->hits, t->misses, t->evicted);
	}
}

static void
show_entry(const struct wad_ssl_cache *c, const struct wad_lru_entry *e,
    struct wad_str *out)
{
	const char	*host = host_of(c, e);
	char		 name[WAD_HOST_MAX * 4];

	wad_str_add(out, wad_str_escape(name, sizeof(name), host,
	    strlen(host)));
	c->print(e, out);
	wad_str_addf(out, " age=%" PRIu64 "s hits=%u\n",
	    (wad_clock_ms() - e->born) / 1000, e->hits);
}

static void
show(const struct wad_ssl_cache *c, const char *filter, struct wad_str *out)
{
	const struct wad_lru	*t = c->lru;
	size_t			 shown = 0, more = 0, start = out->len;

	for (struct wad_list *l = t->age.prev; l != &t->age;
	    l = l->prev) {
		const struct wad_lru_entry *e = WAD_LIST_ENTRY(l,
		    struct wad_lru_entry, age);

		if (strstr(host_of(c, e), filter) == NULL)
			continue;
		if (shown == WAD_CACHE_SHOWN || out->len - start >
		    WAD_CACHE_TEXT) {
			more++;
			continue;
		}
		shown++;
		show_entry(c, e, out);
	}
	if (more > 0)
		wad_str_addf(out, "... and %zu more\n", more);
}

bool
wad_ssl_cache_show(const char *name, const char *filter, struct wad_str *out)
{
	for (size_t i = 0; i < N_CACHES; i++)
		if (strcmp(caches[i]->name, name) == 0) {
			show(caches[i], filter, out);
			return true;
		}
	return false;
}

bool
wad_ssl_cache_clear(const char *name)
{
	bool all = strcmp(name, "all") == 0, found = false;

	for (size_t i = 0; i < N_CACHES; i++)
		if (all || strcmp(caches[i]->name, name) == 0) {
			wad_lru_clear(caches[i]->lru);
			found = true;
		}
	/* a session brings the verdict along with which it began */
	if (strcmp(name, wad_ssl_cic_cache.name) == 0)
		wad_lru_clear(wad_ssl_session_cache.lru);
	return found;
}

void
wad_ssl_cache_tell(void)
{
	for (size_t i = 0; i < N_CACHES; i++)
		wad_lru_tell(caches[i]->lru, ids[i]);
}
