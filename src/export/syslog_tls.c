/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS towards log servers.
 */
#include "export/syslog_tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/xmem.h"
#include "x509/x509_read.h"

/* enc-algorithm, for TLS 1.2 and older. */
static const char *const ciphers[] = {
	[WAD_SYSLOG_TLS_LOW] = "ALL:!aNULL:!eNULL",
	[WAD_SYSLOG_TLS_HIGH_MEDIUM] = "HIGH:MEDIUM:!aNULL:!eNULL",
	[WAD_SYSLOG_TLS_HIGH] = "HIGH:!aNULL:!eNULL",
};

int
wad_syslog_tls_init(void)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());

	SSL_CTX_free(c);
	return c != NULL ? 0 : -1;
}

X509_STORE *
wad_syslog_tls_roots(const struct wad_conf *conf, const char *bundle,
    size_t len)
{
	X509_STORE *s = X509_STORE_new();

	WAD_ASSERT(s != NULL);
	if (bundle != NULL)
		(void)wad_x509_read_bundle(s, bundle, len);
	for (size_t i = 0; i < conf->n_cas; i++)
		if (conf->cas[i].pem != NULL)
			(void)wad_x509_read_bundle(s, conf->cas[i].pem,
			    strlen(conf->cas[i].pem));
	ERR_clear_error();
	return s;
}

SSL_CTX *
wad_syslog_tls_new(const struct wad_conf_syslog *s, X509_STORE *roots,
    char *err, size_t size)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());

	WAD_ASSERT(c != NULL);
	SSL_CTX_set1_cert_store(c, roots);
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
	    SSL_OP_NO_COMPRESSION);
	/* OpenSSL's default level refuses TLS below 1.2 whatever the minimum
	 * says. */
	if (s->min_version != 0 && s->min_version < WAD_TLS12)
		SSL_CTX_set_security_level(c, 0);
	if (SSL_CTX_set_cipher_list(c, ciphers[s->tls]) == 1 &&
	    SSL_CTX_set_min_proto_version(c, s->min_version != 0 ?
	    s->min_version : WAD_TLS12) == 1)
		return c;
	snprintf(err, size, "the offer of TLS cannot be made of enc-algorithm "
	    "and ssl-min-proto-version");
	ERR_clear_error();
	SSL_CTX_free(c);
	return NULL;
}

SSL *
wad_syslog_tls_open(SSL_CTX *ctx, int fd, const char *host)
{
	SSL			*ssl = SSL_new(ctx);
	X509_VERIFY_PARAM	*p;
	struct wad_addr		 a;
	char			 text[WAD_ADDR_STRLEN];
	int			 ok;

	WAD_ASSERT(ssl != NULL);
	p = SSL_get0_param(ssl);
	X509_VERIFY_PARAM_set_hostflags(p,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (wad_addr_parse(&a, host) == 0)
		ok = X509_VERIFY_PARAM_set1_ip_asc(p,
		    wad_addr_ip_str(&a, text));
	else
		ok = X509_VERIFY_PARAM_set1_host(p, host, 0) == 1 &&
		    SSL_set_tlsext_host_name(ssl, host) == 1;
	WAD_ASSERT(ok == 1 && SSL_set_fd(ssl, fd) == 1);
	SSL_set_connect_state(ssl);
	return ssl;
}

void
wad_syslog_tls_why(SSL *ssl, char *why, size_t size)
{
	unsigned long	 e = ERR_peek_error();
	long		 v = SSL_get_verify_result(ssl);
	const char	*reason = e != 0 ? ERR_reason_error_string(e) : NULL;

	if (v != X509_V_OK)
		snprintf(why, size, "its certificate is not accepted: %s",
		    X509_verify_cert_error_string(v));
	else if (reason != NULL)
		snprintf(why, size, "TLS: %s", reason);
	else
		snprintf(why, size, "%s", errno != 0 ? strerror(errno) :
		    "it closed the connection");
	ERR_clear_error();
}
