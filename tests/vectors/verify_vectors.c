/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the cases of x509-limbo through wad_x509_verify.
 *
 *	verify_vectors LIMBO.json ACCEPTED [ID]
 *
 * ACCEPTED lists the wrong accepts that are known and why: id, TAB, reason.
 * Fails when fewer than 188 server cases agree, when a client case does not,
 * when a certificate is wrongly accepted that is not in the list, when a row
 * of the list is out of date, or when it has more than 8 rows.
 */
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xmem.h"
#include "x509/x509_verify.h"

enum { SERVER_MIN = 188, ACCEPTED_MAX = 8 };

struct accepted {
	char	*id;
	bool	 used;
};

static struct accepted	accepted[ACCEPTED_MAX];
static size_t		n_accepted;

static bool
read_accepted(const char *path)
{
	char	 line[512], *tab;
	FILE	*f = fopen(path, "r");

	if (f == NULL) {
		perror(path);
		return false;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		tab = strchr(line, '\t');
		if (tab == NULL || strlen(tab) < 10 ||
		    n_accepted == ACCEPTED_MAX) {
			printf("%s: no reason, or more than %d rows: %s", path,
			    ACCEPTED_MAX, line);
			fclose(f);
			return false;
		}
		*tab = '\0';
		accepted[n_accepted++].id = wad_xstrdup(line);
	}
	fclose(f);
	return true;
}

static bool
is_accepted(const char *id)
{
	for (size_t i = 0; i < n_accepted; i++)
		if (strcmp(accepted[i].id, id) == 0)
			return accepted[i].used = true;
	return false;
}

static X509 *
cert(const json_t *pem)
{
	BIO	*bio = BIO_new_mem_buf(json_string_value(pem), -1);
	X509	*x = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	return x;
}

static STACK_OF(X509) *
certs(const json_t *list)
{
	STACK_OF(X509)	*sk = sk_X509_new_null();
	json_t		*pem;
	size_t		 i;

	json_array_foreach(list, i, pem) {
		X509 *x = cert(pem);

		if (x != NULL)
			sk_X509_push(sk, x);
	}
	return sk;
}

static STACK_OF(X509_CRL) *
crls(const json_t *list)
{
	STACK_OF(X509_CRL)	*sk = sk_X509_CRL_new_null();
	json_t			*pem;
	size_t			 i;

	json_array_foreach(list, i, pem) {
		BIO	 *bio = BIO_new_mem_buf(json_string_value(pem), -1);
		X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);

		if (crl != NULL)
			sk_X509_CRL_push(sk, crl);
		BIO_free(bio);
	}
	return sk;
}

/* "2024-03-01T00:00:00.999+00:00", always UTC there; none: now. */
static int64_t
seconds(const char *text)
{
	struct tm tm = { 0 };

	if (text == NULL)
		return (int64_t)time(NULL);
	WAD_ASSERT(strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) != NULL);
	return (int64_t)timegm(&tm);
}

static bool
asks_emails(X509 *leaf, const json_t *names)
{
	json_t	*name;
	size_t	 i;

	json_array_foreach(names, i, name) {
		const char *value = json_string_value(json_object_get(name,
		    "value"));

		if (X509_check_email(leaf, value, strlen(value), 0) != 1)
			return false;
	}
	return true;
}

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* What the module says of one case. */
static bool
verdict(const json_t *t, struct wad_x509_verdict *v, int64_t *us)
{
	const json_t		*depth = json_object_get(t, "max_chain_depth");
	X509			*leaf = cert(json_object_get(t,
				    "peer_certificate"));
	STACK_OF(X509)		*roots = certs(json_object_get(t,
				    "trusted_certs"));
	struct wad_x509_ask	 ask = {
		.leaf = leaf,
		.sent = certs(json_object_get(t, "untrusted_intermediates")),
		.store = X509_STORE_new(),
		.crls = crls(json_object_get(t, "crls")),
		.crl_strict = true,
		.name = json_string_value(json_object_get(json_object_get(t,
		    "expected_peer_name"), "value")),
		.use = strcmp(json_string_value(json_object_get(t,
		    "validation_kind")), "CLIENT") == 0 ? WAD_X509_CLIENT :
		    WAD_X509_SERVER,
		.now = seconds(json_string_value(json_object_get(t,
		    "validation_time"))),
		.depth_max = WAD_X509_DEPTH,
	};
	bool			 good;

	memset(v, 0, sizeof(*v));
	if (leaf == NULL) {
		snprintf(v->text, sizeof(v->text), "not a certificate");
		good = false;
		goto out;
	}
	for (int i = 0; i < sk_X509_num(roots); i++)
		X509_STORE_add_cert(ask.store, sk_X509_value(roots, i));
	if (json_is_integer(depth))
		ask.depth_max = json_integer_value(depth) == 0 ?
		    WAD_X509_DEPTH_NONE :
		    (unsigned)json_integer_value(depth);
	*us = now_us();
	wad_x509_verify(&ask, v);
	*us = now_us() - *us;
	good = v->good && (ask.use != WAD_X509_CLIENT ||
	    asks_emails(leaf, json_object_get(t, "expected_peer_names")));
out:
	X509_free(leaf);
	sk_X509_pop_free(ask.sent, X509_free);
	sk_X509_pop_free(roots, X509_free);
	sk_X509_CRL_pop_free(ask.crls, X509_CRL_free);
	X509_STORE_free(ask.store);
	return good;
}

int
main(int argc, char **argv)
{
	unsigned	 total[2] = { 0 }, agree[2] = { 0 }, accepts = 0;
	int64_t		 us, worst = 0, sum = 0;
	char		 worst_id[128] = "";
	json_error_t	 err;
	json_t		*doc, *t;
	size_t		 i;
	bool		 ok = true;

	if (argc < 3 || !read_accepted(argv[2]))
		return 2;
	doc = json_load_file(argv[1], 0, &err);
	if (doc == NULL) {
		printf("%s:%d: %s\n", argv[1], err.line, err.text);
		return 2;
	}
	json_array_foreach(json_object_get(doc, "testcases"), i, t) {
		const char	*id = json_string_value(json_object_get(t,
				    "id"));
		bool		 want = strcmp(json_string_value(
				    json_object_get(t, "expected_result")),
				    "SUCCESS") == 0, good;
		int		 kind = strcmp(json_string_value(
				    json_object_get(t, "validation_kind")),
				    "CLIENT") == 0;
		struct wad_x509_verdict v;

		us = 0;
		if (argc > 3 && strcmp(argv[3], id) != 0)
			continue;
		good = verdict(t, &v, &us);
		sum += us;
		if (us > worst) {
			worst = us;
			snprintf(worst_id, sizeof(worst_id), "%s", id);
		}
		total[kind]++;
		agree[kind] += good == want;
		if (argc > 3)
			printf("%s: %s, %u paths, %lld us\n", id, v.text,
			    v.tried, (long long)us);
		if (good && !want) {
			accepts++;
			printf("wrong accept%s\t%s\n", is_accepted(id) ?
			    " (in the list)" : (ok = false, ""), id);
		} else if (!good && want)
			printf("wrong reject\t%s\t%s\n", id, v.text);
		wad_x509_verify_clear(&v);
	}
	json_decref(doc);
	printf("server %u of %u, client %u of %u agree; %u wrong accepts; "
	    "%.0f us a case, most %lld us (%s)\n", agree[0], total[0],
	    agree[1], total[1], accepts, (double)sum / (total[0] + total[1]),
	    (long long)worst, worst_id);
	if (argc > 3)
		return 0;
	for (i = 0; i < n_accepted; i++) {
		if (!accepted[i].used) {
			printf("%s is refused: take it off the list\n",
			    accepted[i].id);
			ok = false;
		}
		free(accepted[i].id);
	}
	return !(ok && agree[0] >= SERVER_MIN && agree[1] == total[1] &&
	    total[1] > 0);
}
