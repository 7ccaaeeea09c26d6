/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a URL filter entry and as a path.  Holds: the form of a path is
 * its own form; what a regular expression is said to need is in everything
 * that it matches; an entry matches in a list as it does alone.
 *
 *  input   type byte, pattern, NUL, host, NUL, path
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "url/url_form.h"
#include "url/url_grams.h"
#include "url/url_rules.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
form(const char *path)
{
	struct wad_str a = { 0 }, b = { 0 };

	wad_url_form_path(&a, path, strlen(path));
	WAD_ASSERT(a.len > 0 && a.s[0] == '/' && strlen(a.s) == a.len);
	wad_url_form_path(&b, a.s, a.len);
	WAD_ASSERT(a.len == b.len && memcmp(a.s, b.s, a.len) == 0);
	wad_str_free(&a);
	wad_str_free(&b);
}

static bool
has_one(const struct wad_str *need, size_t n, const char *text)
{
	const char *t = need->s;

	for (; n > 0; n--, t += strlen(t) + 1)
		if (strcasestr(text, t) != NULL)
			return true;
	return false;
}

static void
regex(const char *source, const char *text)
{
	struct wad_str		 need = { 0 };
	PCRE2_SIZE		 at;
	int			 num;
	size_t			 n = wad_url_grams_of_regex(&need, source);
	pcre2_code		*code;
	pcre2_match_data	*data = pcre2_match_data_create(1, NULL);
	pcre2_match_context	*limits = pcre2_match_context_create(NULL);

	code = pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED,
	    PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &num, &at, NULL);
	pcre2_set_match_limit(limits, 20000);
	if (code != NULL && n > 0 && pcre2_match(code, (PCRE2_SPTR)text,
	    PCRE2_ZERO_TERMINATED, 0, 0, data, limits) >= 0)
		WAD_ASSERT(has_one(&need, n, text));
	pcre2_code_free(code);
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
	wad_str_free(&need);
}

static const struct wad_uf_entry *
look(struct wad_uf_entry *e, size_t n, const char *host, const char *path)
{
	struct wad_urlfilter	 f = { .entries = e, .n_entries = n,
		.subdomains = true };
	struct wad_conf		 c = { .urlfilters = &f, .n_urlfilters = 1 };
	char			 err[300];
	struct wad_url_rules	*r = wad_url_rules_new(&c, err, sizeof(err));
	const struct wad_uf_entry *found = NULL;

	if (r != NULL)
		found = wad_url_rules_filter(r, &f, host, path, NULL);
	wad_url_rules_free(r);
	return found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char			*text, *host, *path, canon[WAD_HOST_MAX];
	struct wad_uf_entry	 e[3] = { { .url = "none.test",
		.enabled = true }, { .enabled = true, .action = WAD_UF_BLOCK },
		{ .url = "*no-such-thing*", .type = WAD_UF_WILDCARD,
		.enabled = true, .action = WAD_UF_BLOCK } };

	if (size < 3 || size > 4096)
		return 0;
	text = wad_xstrndup((const char *)data + 1, size - 1);
	text = wad_xrealloc(text, size + 2, 1);
	memcpy(text, data + 1, size - 1);
	memset(text + size - 1, 0, 3);
	host = text + strlen(text) + 1;
	if (host > text + size - 1)
		host = text + size - 1;
	path = host + strlen(host);
	path += path < text + size - 1;
	form(path);
	if (wad_url_form_host(canon, host, strlen(host)) == 0) {
		e[1].url = text;
		e[1].type = (enum wad_uf_type)(data[0] % 3);
		WAD_ASSERT((look(e, 3, canon, path) == &e[1]) ==
		    (look(e + 1, 1, canon, path) != NULL) ||
		    look(e, 3, canon, path) == &e[0] ||
		    look(e, 3, canon, path) == &e[2]);
	}
	regex(text, path);
	free(text);
	return 0;
}
