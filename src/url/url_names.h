/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index over "example.com" and "example.com/a/b": which of many such names
 * hold a host and a path.  A look-up costs what the host and the path cost,
 * not what the list does.
 */
#ifndef WAD_URL_URL_NAMES_H
#define WAD_URL_URL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wad_url_names;

/* For about n names. */
struct wad_url_names *wad_url_names_new(size_t n);
void	wad_url_names_free(struct wad_url_names *);	/* NULL allowed */
/* Adds a name: a host in its one form, a path in its one form ("": all), a
 * condition ("": none).  Of equal names the first one stays. */
void	wad_url_names_add(struct wad_url_names *, const char *host,
	    const char *path, const char *condition, uint32_t value);

/* Calls fn with the value of each name that holds host and path, and with
 * how long the name is.  below: names hold what is below them, too.  path:
 * NULL when it is not known.  condition: "" when there is none. */
typedef void wad_url_names_fn(void *arg, uint32_t value, size_t len);
void	wad_url_names_find(const struct wad_url_names *, const char *host,
	    bool below, const char *path, const char *condition,
	    wad_url_names_fn *, void *arg);

#endif
