/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS towards log servers (RFC 5425): what is trusted, offered and asked of
 * their certificates.
 */
#ifndef WAD_EXPORT_SYSLOG_TLS_H
#define WAD_EXPORT_SYSLOG_TLS_H

#include <openssl/ssl.h>

#include "conf/conf_snap.h"

/* Before the sandbox: OpenSSL reads what it needs.  0 or -1. */
int	wad_syslog_tls_init(void);
/* The roots of the bundle (PEM, NULL: none) and those of vpn certificate ca;
 * free with X509_STORE_free. */
X509_STORE *wad_syslog_tls_roots(const struct wad_conf *, const char *bundle,
	    size_t len);
/* What one server is met with; NULL with a reason in err. */
SSL_CTX	*wad_syslog_tls_new(const struct wad_conf_syslog *, X509_STORE *,
	    char *err, size_t size);
/* A connection on fd to the server of this (canonical) name or address. */
SSL	*wad_syslog_tls_open(SSL_CTX *, int fd, const char *host);
/* Why TLS failed, in words. */
void	wad_syslog_tls_why(SSL *, char *why, size_t size);

#endif
