/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is offered to a server: what the client offered and we allow, never
 * more.  Four tables say what we allow; the contexts are set up from them, and
 * a connection sets only the lists in which its client offers less.
 */
#ifndef WAD_TLS_SSL_OFFER_H
#define WAD_TLS_SSL_OFFER_H

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stdint.h>

struct wad_ssl_nego;

enum wad_offer_kind { WAD_OFFER_SUITES13, WAD_OFFER_SUITES12,
	WAD_OFFER_GROUPS, WAD_OFFER_SIGALGS, WAD_OFFER_KINDS };
enum { WAD_OFFER_ROWS = 16 };

/* Why nothing can be offered. */
enum wad_offer_cause {
	WAD_OFFER_OK,
	WAD_OFFER_VERSION,	/* no version in common */
	WAD_OFFER_CIPHER,	/* no suite, group or signature algorithm */
	WAD_OFFER_ALPN		/* the client insists on protocols that we do
				 * not speak (ALPACA: never guess); the offer is
				 * whole, for who only wants a certificate */
};

/* Starts as zeroes; its bytes are part of the key of server sessions. */
struct wad_ssl_offer {
	uint16_t	 min, max;
	bool		 legacy;
	bool		 h1, h2, h2_first;	/* ALPN, RFC 7301 */
	struct {
		bool	 all;		/* all of ours: nothing to set */
		uint8_t	 n, row[WAD_OFFER_ROWS];	/* of the table */
	} list[WAD_OFFER_KINDS];
};

/* True for a profile that allows versions before TLS 1.2. */
bool	wad_ssl_offer_is_legacy(uint16_t min_version);
/* Gives a context everything that we allow; 0, or -1 (OpenSSL's queue). */
int	wad_ssl_offer_setup(SSL_CTX *, bool legacy);
/* Fills n->offer from the client's hello and the profile's minimum. */
enum wad_offer_cause wad_ssl_offer_make(struct wad_ssl_nego *n,
	    uint16_t min_version);
/* Puts it on the SSL toward the server; 0 or -1. */
int	wad_ssl_offer_apply(SSL *, const struct wad_ssl_offer *);
/* True when any of our tables has this number: a suite, group, signature
 * scheme, or TLS version. */
bool	wad_ssl_offer_knows(uint16_t);
/* True when this named group (RFC 8446 section 4.2.7) is one of ours. */
bool	wad_ssl_offer_has_group(uint16_t);

#endif
