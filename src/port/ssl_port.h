/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS as a filter between two buffers: OpenSSL reads from the port's `in`
 * and writes to its `out`; it never sees a socket.  Type 6 faces the client,
 * type 7 the server.
 */
#ifndef WAD_PORT_SSL_PORT_H
#define WAD_PORT_SSL_PORT_H

#include <openssl/ssl.h>

#include <stdbool.h>
#include <stdint.h>

#include "port/tcp_port.h"

enum { WAD_SSL_CLT = 6, WAD_SSL_SRV = 7 };

/* How a step of TLS ended. */
enum wad_ssl_ret {
	WAD_SSL_OK,		/* done */
	WAD_SSL_WANT,		/* more bytes are needed */
	WAD_SSL_HELLO,		/* the whole ClientHello is here; held */
	WAD_SSL_CERT,		/* the server asks for a client certificate */
	WAD_SSL_FAIL		/* see alert_recv, alert_sent, error */
};

struct wad_ssl_port {
	unsigned	 magic;
	int		 type;
	SSL		*ssl;
	struct wad_tcp_port *port;
	void		*nego;		/* the session's negotiation */
	struct wad_buf	 held;		/* client's bytes while the hello is
					 * held: for a byte-exact bypass */
	bool		 holding;
	bool		 done;		/* handshake finished */
	bool		 peer_notify;	/* close_notify received */
	bool		 sent_notify;
	bool		 failed;
	int		 alert_recv, alert_sent;	/* fatal ones; -1 none */
	unsigned long	 error;		/* OpenSSL's, or 0 */
	bool		 bad_frame;	/* a certificate of the peer is not DER at
					 * its outermost: OpenSSL forgets that */
	uint16_t	 sigscheme;	/* of the peer's CertificateVerify or
					 * ServerKeyExchange; 0 none */
	uint64_t	 cert_ms;	/* when our certificate was sent, ms; 0 */
	uint64_t	 done_ms;	/* when the handshake was done */
	uint8_t		 rec_head[5];	/* of the record being written */
	int		 state;		/* 1 handshake, 2 relay, 3 closing */
};
#define WAD_SSL_PORT_MAGIC	0x73736c70u

/* Makes the SSL port of a TCP port (which stays the leg's).  nego and the
 * server's address are printed; NULL when OpenSSL has no memory. */
struct wad_ssl_port *wad_ssl_port_open(struct wad_tcp_port *, int type,
	    SSL_CTX *);
/* Line 13: everything for this side is ready. */
void	wad_ssl_port_opened(const struct wad_ssl_port *,
	    const struct wad_addr *server);
void	wad_ssl_port_close(struct wad_ssl_port *);	/* NULL allowed */

/* The port that an SSL belongs to. */
struct wad_ssl_port *wad_ssl_port_of(const SSL *);

/* One step of the handshake with the bytes that are there. */
enum wad_ssl_ret wad_ssl_port_handshake(struct wad_ssl_port *);
/* Decrypted bytes into buf: > 0; 0 none now (look at peer_notify, failed). */
int	wad_ssl_port_read(struct wad_ssl_port *, void *buf, int size);
/* Encrypts all of it into out; 0, or -1 failed. */
int	wad_ssl_port_write(struct wad_ssl_port *, const void *buf, int len);
/* close_notify. */
void	wad_ssl_port_notify(struct wad_ssl_port *);
/* A fatal alert in plain text: only while no key is in use, i.e. before our
 * first flight. */
void	wad_ssl_port_alert_plain(struct wad_tcp_port *, uint8_t alert);

/* Line 12: which CA the priority list gives at this point. */
void	wad_ssl_port_update_cert_mode(const void *nego, const void *ca,
	    const char *name);
/* Line 15; sni is escaped by the caller. */
void	wad_ssl_port_get_client_hello_sni(const struct wad_ssl_port *,
	    const char *sni, bool copied);
/* Lines 27 and 28. */
void	wad_ssl_port_c2p_validate_psk(const struct wad_ssl_port *,
	    const void *id, unsigned modes);
void	wad_ssl_port_client_hello_validate_psk(const struct wad_ssl_port *,
	    bool verified);
/* Line 38; the verdict is the caller's. */
void	wad_ssl_port_on_cert_notify(const struct wad_ssl_port *, bool good);

#endif
