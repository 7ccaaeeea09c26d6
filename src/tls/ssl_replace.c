/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of server-cert-mode replace, see ssl_replace.h.
 */
#include "tls/ssl_replace.h"

#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

#include "base/xmem.h"
#include "x509/x509_match.h"
#include "x509/x509_read.h"

/* One certificate of one profile. */
struct row {
	const struct wad_profile *profile;
	const struct wad_cert	*cert;
	X509			*x;
};

struct wad_ssl_replace {
	size_t		 n;
	struct row	 rows[];
};

static X509 *
parse(const struct wad_cert *c)
{
	char		 err[160];
	STACK_OF(X509)	*list;
	X509		*x;

	if (c->pem == NULL)
		return NULL;
	list = wad_x509_read_pem(c->pem, strlen(c->pem), err, sizeof(err));
	x = sk_X509_shift(list);
	sk_X509_pop_free(list, X509_free);
	return x;
}

struct wad_ssl_replace *
wad_ssl_replace_new(const struct wad_conf *conf)
{
	struct wad_ssl_replace	*r;
	size_t			 n = 0;

	for (size_t i = 0; i < conf->n_profiles; i++)
		n += conf->profiles[i].replace ?
		    conf->profiles[i].n_server_certs : 0;
	r = wad_xcalloc(1, sizeof(*r) + n * sizeof(r->rows[0]));
	for (size_t i = 0; i < conf->n_profiles; i++) {
		const struct wad_profile *p = &conf->profiles[i];

		for (size_t k = 0; p->replace && k < p->n_server_certs; k++) {
			struct row *row = &r->rows[r->n];

			row->profile = p;
			row->cert = p->server_certs[k];
			row->x = parse(row->cert);
			r->n += row->x != NULL;
		}
	}
	return r;
}

void
wad_ssl_replace_free(struct wad_ssl_replace *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		X509_free(r->rows[i].x);
	free(r);
}

const struct wad_cert *
wad_ssl_replace_pick(const struct wad_ssl_replace *r,
    const struct wad_profile *profile, const char *name)
{
	const struct wad_cert *first = NULL;

	for (size_t i = 0; i < r->n; i++) {
		const struct row *row = &r->rows[i];

		if (row->profile != profile)
			continue;
		if (wad_x509_match_name(row->x, name, NULL, 0))
			return row->cert;
		if (first == NULL)
			first = row->cert;
	}
	return first;
}
