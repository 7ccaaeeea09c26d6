/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one form of hosts and of paths, in which names are looked up and in
 * which lists and patterns are kept: who writes a URL in another way asks for
 * the same thing (RFC 3986 section 6.2).
 */
#ifndef WAD_URL_URL_FORM_H
#define WAD_URL_URL_FORM_H

#include "base/str.h"

/* Bytes and parts that the key of a path holds. */
enum { WAD_URL_KEY_MAX = 512, WAD_URL_SEGMENTS = 8 };

/* A host as wad_str_host_canon has it; a name that is not ASCII (UTF-8)
 * becomes its A-labels.  0, or -1: no host name. */
int	wad_url_form_host(char dst[WAD_HOST_MAX], const char *, size_t);

/* Appends a path and its query: "/a/./b//%63/?%78" is "/a/b/c/?x", "" is "/".
 * Letters that need no escape are not escaped, all others are; "." and ".."
 * are resolved, empty parts and what follows '#' are left out.  As long as
 * it must be. */
void	wad_url_form_path(struct wad_str *, const char *, size_t);
/* Appends the path as servers read it that take an escaped slash, and each
 * backslash, for a slash.  False, and nothing: it holds none. */
bool	wad_url_form_slashes(struct wad_str *, const char *);
/* Appends a pattern with '*' and '?' for such a path. */
void	wad_url_form_glob(struct wad_str *, const char *, size_t);

/* The key of a path, for the database: no query, no '/' at the end, "/" is
 * "".  Holds as many whole parts as fit, at most WAD_URL_SEGMENTS; *cut:
 * there were more.  Returns the length. */
size_t	wad_url_form_key(char *dst, size_t size, const char *src, size_t len,
	    bool *cut);

#endif
