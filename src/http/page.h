/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that openwad itself serves: what is blocked, warnings, errors of
 * certificates and of the gateway.  One layout, no outside resource, no
 * script; every field escaped; of an address nothing behind the path.
 */
#ifndef WAD_HTTP_PAGE_H
#define WAD_HTTP_PAGE_H

#include <stdint.h>

#include "http/message.h"
#include "http/page_lang.h"

struct wad_page {
	enum wad_page_id id;
	int		 status;	/* 0: as page.def says */
	/* What is shown; NULL and 0: not known, not shown. */
	const char	*host;		/* name asked for */
	const char	*url;		/* its path, or a whole URL */
	bool		 https;
	const char	*category;	/* its name */
	const char	*reason;	/* exactly, in English: for the help
					 * desk */
	const char	*reason_name;	/* "blocked" */
	const char	*user, *group;
	const char	*client, *server;	/* addresses */
	const char	*gateway;	/* host name */
	uint32_t	 policy, session;
	const char	*policy_uuid;
	/* A button that posts `token` to this path; NULL: no button. */
	const char	*action, *token;
	/* How it is shown. */
	const struct wad_page_lang *lang;	/* NULL: English */
	bool		 plain;		/* one line of text: the client is no
					 * browser */
	const char	*own;		/* an administrator's text; NULL */
	bool		 own_html;
	bool		 bare;		/* the status alone */
	int64_t		 now;		/* 0: the clock's */
};

enum { WAD_PAGE_MAX = 131072 };		/* bytes that an administrator's text
					 * may become */

/* The page as an answer of http.h: status and fields into res (which is
 * emptied first), the text into body. */
void	wad_page_answer(const struct wad_page *, struct wad_http_head *res,
	    struct wad_str *body);

/* The page of a status that is not a matter of rules: 400, 502, ... */
enum wad_page_id wad_page_of_status(int status);
/* Whether an Accept wants HTML before other things: a browser's, when it
 * opens a page. */
bool	wad_page_wants_html(const char *accept);	/* NULL allowed */

/* Rows of page.def. */
struct wad_page_row {
	const char	*name, *kind, *type;
	int		 status;
	enum wad_page_word title, text, help;
};
extern const struct wad_page_row wad_page_rows[WAD_PAGE_N];
/* WAD_PAGE_N: there is none of that name. */
enum wad_page_id wad_page_named(const char *name);
bool	wad_page_known(const char *kind, const char *type);

/* page_fill.c: an administrator's text with %%NAMES%% */
/* Appends the text with its names filled in, escaped for HTML when html;
 * at most WAD_PAGE_MAX bytes in out. */
void	wad_page_fill(const struct wad_page *, const char *text, bool html,
	    struct wad_str *out);
/* What is wrong with such a text, "" when nothing is: names that do not
 * exist, and a page whose button is nowhere. */
void	wad_page_check(const char *type, const char *text, bool html,
	    struct wad_str *wrong);
/* Appends network text: printable, cut to what fits on a page, escaped for
 * HTML when html. */
void	wad_page_field(struct wad_str *out, const char *, size_t len,
	    bool html);
/* Appends our own text (UTF-8), escaped for HTML when html. */
void	wad_page_words(struct wad_str *out, const char *, bool html);
/* Appends scheme, host and path: nothing behind '?' or '#'. */
void	wad_page_address(struct wad_str *out, const struct wad_page *,
	    bool html);
/* Appends the button; nothing when there is no action. */
void	wad_page_form(struct wad_str *out, const struct wad_page *);
/* Appends a date of RFC 9110 section 5.6.7. */
void	wad_page_date(struct wad_str *out, int64_t now);

#endif
