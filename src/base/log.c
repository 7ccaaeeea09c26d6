/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building log records.  No printf on the way: a session's record is made for
 * every connection.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/dbg.h"
#include "base/str.h"

const char *const wad_log_levels[WAD_LL_N] = {
	"emergency", "alert", "critical", "error", "warning", "notice",
	"information", "debug"
};

const struct wad_log_kind wad_log_kinds[WAD_LOG_N] = {
#define LOG(id, num, t, st, et, lvl, d, h)				\
	[WAD_LOG_##id] = { .logid = num, .type = t, .subtype = st,	\
	    .eventtype = et, .level = WAD_LL_##lvl, .desc = d, .help = h },
#include "base/log.def"
#undef LOG
};

static bool kind_off[WAD_LOG_N];

void
wad_log_events(bool all, bool system, bool user, bool wad)
{
	const struct { const char *subtype; bool on; } want[] = {
		{ "system", system }, { "user", user }, { "wad", wad },
	};

	for (int i = 0; i < WAD_LOG_N; i++) {
		const struct wad_log_kind *k = &wad_log_kinds[i];

		if (strcmp(k->type, "event") != 0)
			continue;
		kind_off[i] = !all;
		for (size_t w = 0; w < sizeof(want) / sizeof(want[0]); w++)
			if (strcmp(k->subtype, want[w].subtype) == 0)
				kind_off[i] |= !want[w].on;
	}
}

/* Room for `cut=1` at the end. */
enum { TAIL = 8 };

static bool
fits(struct wad_log_rec *r, size_t n)
{
	if (r->len + n + TAIL <= sizeof(r->text))
		return true;
	r->cut = true;
	return false;
}

static void
put(struct wad_log_rec *r, const char *s, size_t n)
{
	memcpy(r->text + r->len, s, n);
	r->len += n;
}

static void
put_u64(struct wad_log_rec *r, uint64_t v)
{
	char	 buf[20], *p = buf + sizeof(buf);

	do
		*--p = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	put(r, p, (size_t)(buf + sizeof(buf) - p));
}

/* " key=" when that and n more bytes fit. */
static bool
key_put(struct wad_log_rec *r, const char *key, size_t n)
{
	size_t k = strlen(key);

	if (!fits(r, k + 2 + n))
		return false;
	if (r->len > 0)
		put(r, " ", 1);
	put(r, key, k);
	put(r, "=", 1);
	return true;
}

/* date=, time= and tz= change once a second. */
static void
put_when(struct wad_log_rec *r)
{
	static char	 date[64], tz[16];
	static size_t	 date_len, tz_len;
	static time_t	 of = -1;
	struct timespec	 ts;
	struct tm	 tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (ts.tv_sec != of) {
		localtime_r(&ts.tv_sec, &tm);
		date_len = strftime(date, sizeof(date),
		    "date=%Y-%m-%d time=%H:%M:%S eventtime=", &tm);
		tz_len = strftime(tz, sizeof(tz), " tz=\"%z\"", &tm);
		of = ts.tv_sec;
	}
	put(r, date, date_len);
	put_u64(r, (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec);
	put(r, tz, tz_len);
}

void
wad_log_begin_at(struct wad_log_rec *r, enum wad_log_id id,
    enum wad_log_level level)
{
	const struct wad_log_kind *k = &wad_log_kinds[id];

	r->len = 0;
	r->cut = false;
	r->off = kind_off[id];
	put_when(r);
	wad_log_str(r, "logid", k->logid);
	wad_log_str(r, "type", k->type);
	wad_log_str(r, "subtype", k->subtype);
	wad_log_str(r, "eventtype", k->eventtype);
	wad_log_str(r, "level", wad_log_levels[level]);
	put(r, " vd=\"root\"", 10);
	wad_log_str(r, "logdesc", k->desc);
}

void
wad_log_begin(struct wad_log_rec *r, enum wad_log_id id)
{
	wad_log_begin_at(r, id, wad_log_kinds[id].level);
}

void
wad_log_strn(struct wad_log_rec *r, const char *key, const char *value,
    size_t len)
{
	char	esc[WAD_LOG_VALUE + 1];
	size_t	n;

	if (len == 0)
		return;
	wad_str_escape(esc, sizeof(esc), value, len);
	n = strlen(esc);
	if (!key_put(r, key, n + 2))
		return;
	put(r, "\"", 1);
	put(r, esc, n);
	put(r, "\"", 1);
}

void
wad_log_str(struct wad_log_rec *r, const char *key, const char *value)
{
	if (value != NULL)
		wad_log_strn(r, key, value, strlen(value));
}

void
wad_log_strf(struct wad_log_rec *r, const char *key, const char *fmt, ...)
{
	char	 buf[WAD_LOG_VALUE];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	wad_log_str(r, key, buf);
}

void
wad_log_u64(struct wad_log_rec *r, const char *key, uint64_t v)
{
	if (key_put(r, key, 20))
		put_u64(r, v);
}

void
wad_log_ip(struct wad_log_rec *r, const char *key, const struct wad_addr *a)
{
	char	buf[WAD_ADDR_STRLEN];
	size_t	n;

	wad_addr_ip_str(a, buf);
	n = strlen(buf);
	if (key_put(r, key, n))
		put(r, buf, n);
}

void
wad_log_end(struct wad_log_rec *r)
{
	if (r->off)
		return;
	if (r->cut) {
		r->cut = false;
		put(r, " cut=1", 6);
	}
	wad_dbg_log_put(r->text, r->len);
}

void
wad_log_event(const char *level, const char *fmt, ...)
{
	struct wad_log_rec	 r;
	enum wad_log_level	 l = WAD_LL_NOTICE;
	char			 msg[512];
	va_list			 ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	for (int i = 0; i < WAD_LL_N; i++)
		if (strcmp(level, wad_log_levels[i]) == 0)
			l = (enum wad_log_level)i;
	wad_log_begin_at(&r, WAD_LOG_EVENT, l);
	wad_log_str(&r, "msg", msg);
	wad_log_end(&r);
}
