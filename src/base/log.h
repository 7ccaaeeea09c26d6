/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log records.  log.def has a row for each kind; a record is written into the
 * role's ring as text, in the one form that everybody reads:
 *	date=... time=... eventtime=NS tz="+0100" logid="..." type="..."
 *	subtype="..." [eventtype="..."] level="..." vd="root" key="text" key=1
 * Text is quoted and escaped here and nowhere else (wad_str_escape: a quote, a
 * backslash, a control character and what is not ASCII become \xHH), numbers
 * and addresses are bare.  So a value never holds a quote or a line end, and
 * whoever turns a record into another format only needs to cut it at its
 * fields (control/ and export/ do, through log_record.h).
 */
#ifndef WAD_BASE_LOG_H
#define WAD_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum wad_log_id {
#define LOG(id, logid, type, subtype, eventtype, level, desc, help)	\
	WAD_LOG_##id,
#include "base/log.def"
#undef LOG
	WAD_LOG_N
};

/* Numbers of syslog (RFC 5424 section 6.2.1). */
enum wad_log_level { WAD_LL_EMERGENCY, WAD_LL_ALERT, WAD_LL_CRITICAL,
	WAD_LL_ERROR, WAD_LL_WARNING, WAD_LL_NOTICE, WAD_LL_INFORMATION,
	WAD_LL_DEBUG, WAD_LL_N };
extern const char *const wad_log_levels[WAD_LL_N];	/* "notice" ... */

struct wad_log_kind {
	const char	*logid;		/* 10 digits */
	const char	*type, *subtype;
	const char	*eventtype;	/* "": none */
	enum wad_log_level level;	/* unless the caller says otherwise */
	const char	*desc;		/* events: logdesc=; "": none */
	const char	*help;		/* when it is written */
};
extern const struct wad_log_kind wad_log_kinds[WAD_LOG_N];

enum { WAD_LOG_RECORD = 2038,	/* bytes of a record */
	WAD_LOG_VALUE = 768 };	/* of a value, escaped; the rest is cut */

struct wad_log_rec {
	size_t	 len;
	bool	 cut;		/* something did not fit */
	bool	 off;		/* `log eventfilter` does not want it */
	char	 text[WAD_LOG_RECORD];
};

/* Begins a record: everything up to vd= (and logdesc= of an event). */
void	wad_log_begin(struct wad_log_rec *, enum wad_log_id);
/* The same with another level. */
void	wad_log_begin_at(struct wad_log_rec *, enum wad_log_id,
	    enum wad_log_level);
/* One field each; a text that is NULL or empty leaves the field out. */
void	wad_log_str(struct wad_log_rec *, const char *key, const char *value);
void	wad_log_strn(struct wad_log_rec *, const char *key, const char *value,
	    size_t len);
void	wad_log_strf(struct wad_log_rec *, const char *key, const char *fmt,
	    ...) __attribute__((format(printf, 3, 4)));
void	wad_log_u64(struct wad_log_rec *, const char *key, uint64_t);
void	wad_log_ip(struct wad_log_rec *, const char *key,
	    const struct wad_addr *);
/* `log eventfilter`: which events this process writes from now on.  At the
 * source, so that a record that nobody wants takes no room in a ring; nothing
 * is counted by events. */
void	wad_log_events(bool all, bool system, bool user, bool wad);
/* Puts it into the ring; without one, to stderr. */
void	wad_log_end(struct wad_log_rec *);

/* An event without a kind of its own (WAD_LOG_EVENT): level is a word of
 * wad_log_levels. */
void	wad_log_event(const char *level, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
