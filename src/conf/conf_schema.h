/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row per setting (conf_tables.c).  Parsing of values, checking,
 * defaults, show, help and the manual's tables come from these rows.
 */
#ifndef WAD_CONF_SCHEMA_H
#define WAD_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf_parse.h"

/* What a setting holds, and what it is stored as. */
enum wad_conf_type {
	WAD_CT_BOOL,		/* one of choices: bool */
	WAD_CT_ENUM,		/* one of choices: int */
	WAD_CT_VERSION,		/* one of choices: uint16_t */
	WAD_CT_WORD,		/* one of choices: the word, const char * */
	WAD_CT_UINT,		/* min..max: unsigned */
	WAD_CT_U16,		/* min..max: uint16_t */
	WAD_CT_U16LIST,		/* min..max each: uint16_t *, size_t */
	WAD_CT_STR,		/* up to max characters: const char * */
	WAD_CT_HOST,		/* host name, canonical: const char * */
	WAD_CT_REF,		/* name of another entry: const char * */
	WAD_CT_CERT,		/* name of a certificate: const char * */
	WAD_CT_REFS,		/* names: const char **, size_t */
	WAD_CT_CERTS,		/* names of certificates, at most max: the
				 * same */
	WAD_CT_OPTIONS,		/* any of choices, not stored */
	WAD_CT_FLAGS,		/* any of choices, their numbers together:
				 * unsigned */
	WAD_CT_ADDR,		/* IPv4 or IPv6 address: struct wad_addr */
	WAD_CT_ADDR4, WAD_CT_ADDR6,
	WAD_CT_PREFIX4, WAD_CT_PREFIX6,	/* struct wad_prefix */
	WAD_CT_PREFIXES,	/* networks of either family:
				 * struct wad_prefix *, size_t */
	WAD_CT_TIME,		/* hh:mm: unsigned[2] */
	WAD_CT_DURATION,	/* 1d2h30m, min..max seconds: unsigned */
	WAD_CT_PORTS,		/* ranges: struct wad_port_range *, size_t */
	WAD_CT_PEM,		/* certificate text, not stored */
	WAD_CT_SECRET,		/* never shown: const char *; the word ENC of
				 * the sealed text is not stored */
	WAD_CT_TEXT,		/* any text, not stored */
};

enum {
	WAD_CF_EMPTY = 1,	/* `unset` means empty, not the default */
	WAD_CF_HIDDEN = 2,	/* of the sealed text only */
	WAD_CF_IDLE = 4,	/* has no effect: said when it is not at its
				 * default */
};

#define WAD_CONF_NOWHERE	SIZE_MAX	/* offset: not stored */

struct wad_conf_row {
	const char	*name;
	enum wad_conf_type type;
	size_t		 offset;
	uint32_t	 min, max;
	const char	*choices;	/* "allow=1 block=2 ignore=3" */
	const char	*def;		/* NULL: none */
	const char	*help;
	unsigned	 flags;
};

struct wad_conf_table {
	const char	*path;		/* "firewall policy", and nested
					 * "webfilter profile/ftgd-wf/filters" */
	bool		 entries;	/* has `edit` */
	bool		 numbers;	/* names of entries are numbers */
	uint32_t	 min, max;	/* numbers, or max length of a name */
	const struct wad_conf_row *rows; size_t n_rows;
	const char	*kept;		/* settings of FortiOS that are kept
					 * unchanged; "x*" is a family */
	const char	*kept_tables;	/* tables inside, the same */
	const char	*help;
};

extern const struct wad_conf_table wad_conf_tables[];
extern const size_t wad_conf_n_tables;

/* NULL when there is none.  "system replacemsg http url-block" is a table as
 * well as an entry of "system replacemsg http". */
const struct wad_conf_table *wad_conf_schema_table(const char *path);
/* "system replacemsg http url-block": 18 + 5, where the word behind it
 * begins; 0: another table. */
size_t	wad_conf_schema_page(const char *path);
/* The table `config NAME` inside t, or inside an entry of it; NULL. */
const struct wad_conf_table *wad_conf_schema_below(
	    const struct wad_conf_table *t, const char *name);
const struct wad_conf_row *wad_conf_schema_row(const struct wad_conf_table *,
	    const char *name);

/* A setting of an earlier FortiOS, and what it is now. */
struct wad_conf_older {
	const char	*path, *name;
	const char	*now;		/* the settings that get the value */
	const char	*values;	/* "OLD NEW OLD NEW..."; NULL: the same
					 * values */
};
extern const struct wad_conf_older wad_conf_olders[];
extern const size_t wad_conf_n_olders;
/* NULL when NAME is not an older name in table PATH. */
const struct wad_conf_older *wad_conf_schema_older(const char *path,
	    const char *name);
/* What a value of the older setting is now; NULL when it is none. */
const char *wad_conf_schema_older_value(const struct wad_conf_older *,
	    const char *value, char *buf, size_t size);
/* Whether NAME is a word of a kept list. */
bool	wad_conf_schema_kept(const char *kept, const char *name);
/* Whether `unset NAME` in table PATH is something else than the default. */
bool	wad_conf_schema_empty_differs(const char *path, const char *name);

struct wad_arena;
/* Checks values and, when obj is not NULL, stores them.  0, or -1 with the
 * reason in err ("'x' is not one of a, b; did you mean 'a'?"). */
int	wad_conf_schema_store(const struct wad_conf_row *,
	    const char *const *values, size_t n, struct wad_arena *, void *obj,
	    char *err, size_t errsize);
/* Stores the default of every row of a table. */
void	wad_conf_schema_defaults(const struct wad_conf_table *,
	    struct wad_arena *, void *obj);
/* The nearest name of a setting or of a table inside this one, or NULL. */
const char *wad_conf_schema_nearest(const struct wad_conf_table *,
	    const char *name, bool table, char *buf, size_t size);
/* The words of choices or a kept list, one by one: NULL at the end. */
const char *wad_conf_schema_word(const char **list, char *buf, size_t size,
	    long *value);

#endif
