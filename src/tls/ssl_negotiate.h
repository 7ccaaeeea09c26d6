/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was learnt while the two handshakes were negotiated: the client's
 * offer, the server's answer and certificate, the verdict, what is forged.
 */
#ifndef WAD_TLS_SSL_NEGOTIATE_H
#define WAD_TLS_SSL_NEGOTIATE_H

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "conf/conf_snap.h"
#include "port/ssl_port.h"
#include "tls/ssl_cert.h"
#include "tls/ssl_offer.h"
#include "x509/x509_desc.h"
#include "x509/x509_read.h"

enum { WAD_NEGO_LIST_MAX = 64,
	WAD_EXT_ECH = 0xfe0d };		/* encrypted_client_hello, RFC 9849 */

struct wad_cert_product;

/* The protocol inside, by ALPN. */
enum wad_nego_alpn { WAD_NEGO_NO_ALPN, WAD_NEGO_H1, WAD_NEGO_H2 };

/* A list of 16-bit numbers of the ClientHello, cut to a bound. */
struct wad_nego_list { uint16_t v[WAD_NEGO_LIST_MAX]; unsigned n; };

/* What resumption is bound to besides the two handshakes; the session sets
 * it before the hello.  As zeroes nothing is resumed. */
struct wad_nego_scope {
	bool		 on;		/* abbreviate-handshake */
	bool		 explicit_web;	/* kind of the policy */
	bool		 best;		/* client-tls-version best */
	enum wad_alpn	 alpn;		/* supported-alpn */
	uint32_t	 policy;
	uint32_t	 profile;	/* its index */
	uint64_t	 generation;	/* of the configuration */
	uint32_t	 lifetime;	/* seconds */
	struct wad_addr	 client;	/* family 0: hidden from the server */
};

/* What a resumed connection with a server knows without a certificate. */
struct wad_session_facts {
	uint64_t	 chain_hash[4];
	int64_t		 born;		/* of the verdict, as all: seconds */
	int64_t		 valid_from, valid_until;
	bool		 stapled;
};
enum { WAD_NEGO_PENDING = 4 };

struct wad_ssl_nego {
	unsigned	 magic;
	/* the client's offer */
	bool		 hello;		/* the callback saw it whole */
	bool		 has_sni, sni_bad;
	char		 sni[WAD_HOST_MAX];
	char		 host[WAD_HOST_MAX];	/* SNI, or the server's address */
	char		 dst_ip[WAD_ADDR_STRLEN];
	struct wad_nego_list versions, ciphers, groups, shares, sigalgs;
	uint16_t	 max_version;	/* of the offer */
	bool		 tls13, has_alpn, alpn_h1, alpn_h2, h2_first, has_ech;
	const void	*psk_id;	/* into the hello; NULL: none */
	unsigned	 psk_modes;	/* bits: 1 psk_ke, 2 psk_dhe_ke */
	bool		 has_ticket;	/* session_ticket with a ticket */
	/* resumption */
	struct wad_nego_scope scope;
	struct wad_ssl_offer offer;
	enum wad_offer_cause offer_cause;
	uint8_t		 srv_key[32];	/* of sessions with this server */
	SSL_SESSION	*srv_session;	/* offered to it; owned, or NULL */
	SSL_SESSION	*pending[WAD_NEGO_PENDING];	/* came before the
					 * verdict; owned */
	unsigned	 n_pending;
	struct wad_session_facts facts;
	bool		 srv_done;	/* handshake with the server */
	bool		 srv_failed;	/* it failed by the server's doing */
	bool		 srv_resumed;
	bool		 srv_keep;	/* its sessions may be kept */
	bool		 ticket_ok;	/* tickets for this client */
	uint8_t		 ticket_bind[32];
	uint32_t	 ticket_life;	/* seconds */
	/* the server's answer */
	bool		 client_cert_asked;
	bool		 verified;	/* the verify callback ran */
	bool		 srv_staple;	/* the server stapled a response */
	STACK_OF(X509)	*path;		/* leaf to root as judged; NULL when the
					 * verdict was kept, or there is none */
	bool		 leaf_vouched;	/* a staple says that the leaf is good:
					 * path begins with its issuer */
	struct wad_x509_origin origin;
	struct wad_ssl_verdict verdict;
	struct wad_trust *trust;	/* borrowed: of the session's conf */
	bool		 cic_hit;
	int64_t		 valid_from, valid_until;	/* of the whole chain */
	uint64_t	 chain_hash[4];	/* SHA-256 of the chain as sent */
	struct wad_addr	 src, dst;	/* of the upstream leg */
	/* what is presented */
	uint16_t	 clt_max;	/* what the server speaks; 0: any */
	const struct wad_cert *ca;	/* chosen; NULL yet */
	bool		 untrusted;	/* signed by untrusted-caname */
	enum wad_key_type key_type;
	uint16_t	 ss;		/* signature scheme towards the client */
	struct wad_cert_product *product;	/* counted */
	enum wad_nego_alpn alpn;	/* what the server chose */
	char		 letters[9];	/* ssl_proc= */
};
#define WAD_SSL_NEGO_MAGIC	0x6e65676fu

struct wad_ssl_nego *wad_ssl_negotiate_make(void);
void	wad_ssl_negotiate_free(struct wad_ssl_nego *);	/* NULL allowed */
/* Reads the client's offer; called by OpenSSL while it holds the hello.
 * False when an extension is malformed. */
bool	wad_ssl_negotiate_hello(struct wad_ssl_nego *, SSL *);
bool	wad_ssl_negotiate_has(const struct wad_nego_list *, uint16_t);
/* Chooses leaf key type and signature scheme from what the client can do;
 * false when it can do neither EC P-256 nor RSA. */
bool	wad_ssl_negotiate_key_type(struct wad_ssl_nego *);

#endif
