/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters of the places where logs go.
 */
#include "log/log_filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"

struct entry {
	unsigned	 category;
	bool		 exclude;
	struct wad_log_expr *expr;
};

struct wad_log_filter {
	unsigned	 severity;
	bool		 forward, local, other;
	struct entry	*entries; size_t n;
};

bool
wad_log_filter_expr(const struct wad_log_expr *e,
    const struct wad_log_record *r)
{
	return wad_log_expr_match(e, wad_log_record_value, r);
}

struct wad_log_filter *
wad_log_filter_new(const struct wad_conf_log_filter *c)
{
	struct wad_log_filter	*f = wad_xcalloc(1, sizeof(*f));
	char			 err[1];

	f->severity = c->severity;
	f->forward = c->forward;
	f->local = c->local;
	f->other = c->other;
	f->entries = wad_xcalloc(c->n_frees + 1, sizeof(*f->entries));
	for (size_t i = 0; i < c->n_frees; i++) {
		struct entry *e = &f->entries[f->n];

		e->category = c->frees[i].category;
		e->exclude = c->frees[i].exclude;
		e->expr = c->frees[i].filter == NULL ? NULL :
		    wad_log_expr_new(c->frees[i].filter, err, sizeof(err));
		if (e->expr != NULL)
			f->n++;
	}
	return f;
}

void
wad_log_filter_free(struct wad_log_filter *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n; i++)
		wad_log_expr_free(f->entries[i].expr);
	free(f->entries);
	free(f);
}

/* The switches forward-traffic, local-traffic; the rest stand together. */
static bool
switched_on(const struct wad_log_filter *f, const struct wad_log_record *r)
{
	const struct wad_log_field *sub;

	if (r->category == WAD_LC_EVENT || r->category == WAD_LC_WEBFILTER ||
	    r->category == WAD_LC_SSL)
		return true;
	sub = wad_log_record_get(r, "subtype");
	if (r->category == WAD_LC_TRAFFIC && sub != NULL) {
		if (sub->len == 7 && memcmp(sub->value, "forward", 7) == 0)
			return f->forward;
		if (sub->len == 5 && memcmp(sub->value, "local", 5) == 0)
			return f->local;
	}
	return f->other;
}

bool
wad_log_filter_pass(const struct wad_log_filter *f,
    const struct wad_log_record *r)
{
	bool wanted = false, included = false;

	if (f == NULL)
		return true;
	if ((unsigned)r->level > f->severity || !switched_on(f, r))
		return false;
	for (size_t i = 0; i < f->n; i++) {
		const struct entry	*e = &f->entries[i];
		bool			 m;

		if (e->category != (unsigned)r->category)
			continue;
		m = wad_log_filter_expr(e->expr, r);
		if (e->exclude && m)
			return false;
		wanted |= !e->exclude;		/* somebody chooses here */
		included |= !e->exclude && m;
	}
	return !wanted || included;
}
