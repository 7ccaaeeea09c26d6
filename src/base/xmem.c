/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocation that cannot fail, and the end of a role that found the
 * impossible.
 */
#include "base/xmem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
wad_xmem_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
	abort();
}

void *
wad_xmalloc(size_t size)
{
	void *p = malloc(size == 0 ? 1 : size);

	if (p == NULL)
		wad_xmem_fail(__FILE__, __LINE__, "out of memory");
	return p;
}

void *
wad_xcalloc(size_t n, size_t size)
{
	void *p = calloc(n == 0 ? 1 : n, size == 0 ? 1 : size);

	if (p == NULL)
		wad_xmem_fail(__FILE__, __LINE__, "out of memory");
	return p;
}

void *
wad_xrealloc(void *old, size_t n, size_t size)
{
	void *p;

	if (n == 0 || size == 0)
		n = size = 1;
	p = reallocarray(old, n, size);
	if (p == NULL)
		wad_xmem_fail(__FILE__, __LINE__, "out of memory");
	return p;
}

char *
wad_xstrdup(const char *s)
{
	return wad_xstrndup(s, strlen(s));
}

char *
wad_xstrndup(const char *s, size_t len)
{
	char *p;

	len = strnlen(s, len);
	p = wad_xmalloc(len + 1);
	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
wad_xasprintf(const char *fmt, ...)
{
	va_list	 ap;
	char	*p;

	va_start(ap, fmt);
	if (vasprintf(&p, fmt, ap) == -1)
		wad_xmem_fail(__FILE__, __LINE__, "out of memory");
	va_end(ap);
	return p;
}
