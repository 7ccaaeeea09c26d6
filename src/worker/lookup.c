/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to wad-lookup and what comes back.
 */
#include "worker/lookup.h"

#include <openssl/err.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { PATH_BYTES = 128 * 1024, ISSUERS_MAX = 4 };

static int
add_cert(struct wad_msg *m, X509 *x)
{
	uint8_t	*der = NULL;
	int	 len = i2d_X509(x, &der);

	if (len <= 0)
		return -1;
	wad_msg_add_blob(m, der, (size_t)len);
	OPENSSL_free(der);
	return m->len <= PATH_BYTES ? 0 : -1;
}

bool
wad_lookup_fits(const STACK_OF(X509) *path)
{
	return sk_X509_num(path) <= WAD_LOOKUP_PATH_MAX;
}

uint32_t
wad_lookup_status(struct wad_worker *w, STACK_OF(X509) *path,
    unsigned deadline_ms, wad_ask_fn *fn, void *arg)
{
	struct wad_msg	m;
	int		n = sk_X509_num(path), i;
	uint32_t	id = 0;

	if (n <= 0 || !wad_lookup_fits(path))
		return 0;
	wad_msg_init(&m, WAD_MSG_STATUS_ASK, 0);
	wad_msg_add_u64(&m, w->wc->conf->generation);
	wad_msg_add_u32(&m, (uint32_t)n);
	for (i = 0; i < n && add_cert(&m, sk_X509_value(path, i)) == 0; i++)
		;
	if (i == n)
		id = wad_ask_send(w->asks, w->lookup, &m, deadline_ms, fn,
		    arg);
	wad_msg_free(&m);
	return id;
}

int
wad_lookup_status_get(struct wad_msg_in *m, struct wad_x509_status *st,
    unsigned *depth)
{
	const char	*text;
	uint64_t	 until;
	uint32_t	 status, d;

	memset(st, 0, sizeof(*st));
	if (depth != NULL)
		*depth = 0;
	if (m == NULL) {
		st->status = WAD_CERT_TIMEOUT;
		snprintf(st->text, sizeof(st->text), "wad-lookup gave no "
		    "answer in time");
		return 0;
	}
	if (m->type != WAD_MSG_STATUS ||
	    wad_msg_get_u32(m, &status) == -1 ||
	    wad_msg_get_u32(m, &d) == -1 || wad_msg_get_u64(m, &until) ||
	    wad_msg_get_str(m, &text) == -1 || wad_msg_end(m) == -1 ||
	    status > WAD_CERT_FAILURE) {
		st->status = WAD_CERT_FAILURE;
		snprintf(st->text, sizeof(st->text), "wad-lookup sent a bad "
		    "answer");
		return -1;
	}
	st->status = (enum wad_cert_status)status;
	st->until = (int64_t)until;
	wad_str_escape(st->text, sizeof(st->text), text, strlen(text));
	if (depth != NULL)
		*depth = d;
	return 0;
}

uint32_t
wad_lookup_issuers(struct wad_worker *w, X509 *cert, unsigned deadline_ms,
    wad_ask_fn *fn, void *arg)
{
	struct wad_msg	m;
	uint32_t	id = 0;

	wad_msg_init(&m, WAD_MSG_ISSUER_ASK, 0);
	wad_msg_add_u64(&m, w->wc->conf->generation);
	if (add_cert(&m, cert) == 0)
		id = wad_ask_send(w->asks, w->lookup, &m, deadline_ms, fn,
		    arg);
	wad_msg_free(&m);
	return id;
}

STACK_OF(X509) *
wad_lookup_issuers_get(struct wad_msg_in *m)
{
	STACK_OF(X509)	*list;
	const void	*der;
	size_t		 len;
	uint32_t	 n;

	if (m == NULL || m->type != WAD_MSG_ISSUERS ||
	    wad_msg_get_u32(m, &n) == -1 || n == 0 || n > ISSUERS_MAX)
		return NULL;
	list = sk_X509_new_null();
	while (list != NULL && n-- > 0) {
		const unsigned char	*p;
		X509			*x = NULL;

		if (wad_msg_get_blob(m, &der, &len) == 0) {
			p = der;
			x = d2i_X509(NULL, &p, (long)len);
		}
		if (x == NULL || sk_X509_push(list, x) <= 0) {
			X509_free(x);
			sk_X509_pop_free(list, X509_free);
			list = NULL;
		}
	}
	ERR_clear_error();
	return list;
}
