/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS filter: a BIO over the port's two buffers, the handshake held at
 * the ClientHello, and what OpenSSL's message callback tells.
 */
#include "port/ssl_port.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dbg.h"
#include "base/xmem.h"
#include "port/ssl_sock_port.h"

enum {
	SHOWN = 20,			/* bytes of a record in a debug line */
	/* More than the largest ClientHello that browsers send, by far.  A
	 * client may cut it into records of a byte, and of none. */
	HELD_MAX = 160 * 1024,
};

static BIO_METHOD	*method;

static int
filter_read(BIO *bio, char *dst, size_t size, size_t *got)
{
	struct wad_ssl_port	*sp = BIO_get_data(bio);
	struct wad_buf		*in = &sp->port->in;

	BIO_clear_retry_flags(bio);
	if (in->len == 0) {
		/* Never an end of file: OpenSSL would refuse to write after
		 * it, and the other direction may go on.  The pump looks at
		 * port->eof itself, when nothing is left to read. */
		*got = 0;
		BIO_set_retry_read(bio);
		return 0;
	}
	*got = 0;
	if (sp->holding && sp->held.len >= HELD_MAX)
		return 0;		/* no retry: the handshake fails */
	*got = wad_buf_take(in, dst, size);
	if (sp->holding)
		wad_buf_add(&sp->held, dst, *got);
	return 1;
}

static int
filter_write(BIO *bio, const char *src, size_t len, size_t *put)
{
	struct wad_ssl_port *sp = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	wad_ssl_sock_port_fts_in_write(sp, src, len);
	*put = len;
	return 1;
}

static long
filter_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	struct wad_ssl_port *sp = BIO_get_data(bio);

	(void)num;
	(void)ptr;
	switch (cmd) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_PENDING:
		return (long)sp->port->in.len;
	default:
		return 0;
	}
}

static BIO *
filter_new(struct wad_ssl_port *sp)
{
	BIO *bio;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() |
		    BIO_TYPE_SOURCE_SINK, "wad port");
		WAD_ASSERT(method != NULL);
		BIO_meth_set_read_ex(method, filter_read);
		BIO_meth_set_write_ex(method, filter_write);
		BIO_meth_set_ctrl(method, filter_ctrl);
	}
	bio = BIO_new(method);
	if (bio == NULL)
		return NULL;
	BIO_set_data(bio, sp);
	BIO_set_init(bio, 1);
	return bio;
}

static const char *
hex(char *dst, const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
	static const char digit[] = "0123456789abcdef";
	size_t o = 0;

	for (size_t i = 0; i < alen + blen && i < SHOWN; i++) {
		uint8_t c = i < alen ? a[i] : b[i - alen];

		dst[o++] = digit[c >> 4];
		dst[o++] = digit[c & 15];
		dst[o++] = ' ';
	}
	dst[o] = '\0';
	return dst;
}

static void
wad_ssl_port_caps_on_enc_start(const struct wad_ssl_port *sp,
    const uint8_t *msg, size_t len)
{
	char text[SHOWN * 3 + 1];

	WAD_DBG(SSL, WAD_V, "sp=%p/%d enc start %p type 22 ver 0303 len %zu (%s)", (const void *)sp, sp->type, (void *)sp->ssl, len,
	    hex(text, msg, len, NULL, 0));
}

/* The record that carried it; of an encrypted one only the head is shown. */
static void
wad_ssl_port_caps_on_enc_done(const struct wad_ssl_port *sp,
    const uint8_t *msg, size_t len)
{
	char	 text[SHOWN * 3 + 1];
	size_t	 rec = ((size_t)sp->rec_head[3] << 8 | sp->rec_head[4]) + 5;
	bool	 plain = sp->rec_head[0] == 22;

	WAD_DBG(SSL, WAD_V, "sp=%p/%d enc done %p type %d ver %02x%02x status 0 len %zu (%s)", (const void *)sp, sp->type,
	    (void *)sp->ssl, sp->rec_head[0], sp->rec_head[1],
	    sp->rec_head[2], rec, hex(text, sp->rec_head, 5, msg,
	    plain ? len : 0));
}

/* The scheme field of CertificateVerify (RFC 8446 section 4.4.3), or of a
 * TLS 1.2 ServerKeyExchange with a named curve (RFC 8422 section 5.4). */
static uint16_t
scheme_of(const uint8_t *m, size_t len)
{
	size_t at;

	if (len >= 6 && m[0] == 15)
		return (uint16_t)(m[4] << 8 | m[5]);
	if (len >= 8 && m[0] == 12 && m[4] == 3) {
		at = 8 + (size_t)m[7];
		if (len >= at + 2)
			return (uint16_t)(m[at] << 8 | m[at + 1]);
	}
	return 0;
}

/* One SEQUENCE that fills p[len], its length in the shortest form (X.690
 * section 10.1). */
static bool
der_frame(const uint8_t *p, size_t len)
{
	size_t n, value = 0;

	if (len < 2 || p[0] != 0x30)
		return false;
	if (p[1] < 0x80)
		return p[1] == len - 2;
	n = p[1] & 0x7f;
	if (n == 0 || n > 3 || len < 2 + n || p[2] == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[2 + i];
	return value >= 0x80 && value == len - 2 - n;
}

static size_t
u24(const uint8_t *p)
{
	return (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
}

/* The entries of a Certificate message (RFC 8446 section 4.4.2, RFC 5246
 * section 7.4.2).  OpenSSL reads the lengths itself and ends the handshake
 * when they are wrong; here it is enough not to pass the end. */
static bool
certs_framed(const uint8_t *m, size_t len, bool tls13)
{
	size_t at = 4, n;

	if (tls13)
		at += len > 4 ? 1 + (size_t)m[4] : 1;
	at += 3;
	while (at + 3 <= len) {
		n = u24(m + at);
		at += 3;
		if (n > len - at || !der_frame(m + at, n))
			return false;
		at += n;
		if (tls13 && at + 2 <= len)
			at += 2 + ((size_t)m[at] << 8 | m[at + 1]);
	}
	return true;
}

static void
on_message(int write_p, int version, int type, const void *buf, size_t len,
    SSL *ssl, void *arg)
{
	struct wad_ssl_port	*sp = arg;
	const uint8_t		*m = buf;

	(void)version;
	if (type == SSL3_RT_HEADER && write_p && len >= 5) {
		memcpy(sp->rec_head, m, 5);
		return;
	}
	/* in TLS 1.3 the level says nothing: all but close_notify and
	 * user_canceled end it (RFC 8446 section 6) */
	if (type == SSL3_RT_ALERT && len == 2 && (m[0] == SSL3_AL_FATAL ||
	    (SSL_version(ssl) == TLS1_3_VERSION && m[1] != 0 &&
	    m[1] != SSL_AD_USER_CANCELLED))) {
		if (write_p)
			sp->alert_sent = m[1];
		else
			sp->alert_recv = m[1];
		return;
	}
	if (type != SSL3_RT_HANDSHAKE || len == 0)
		return;
	if (write_p) {
		wad_ssl_port_caps_on_enc_start(sp, m, len);
		wad_ssl_port_caps_on_enc_done(sp, m, len);
		if (m[0] == SSL3_MT_CERTIFICATE)
			sp->cert_ms = wad_clock_ms();
	} else if (sp->type == WAD_SSL_SRV && m[0] == SSL3_MT_CERTIFICATE) {
		sp->bad_frame = !certs_framed(m, len,
		    SSL_version(ssl) == TLS1_3_VERSION);
	} else if (sp->type == WAD_SSL_SRV && (m[0] == 15 || m[0] == 12)) {
		uint16_t scheme = scheme_of(m, len);

		if (scheme != 0)
			sp->sigscheme = scheme;
	}
}

struct wad_ssl_port *
wad_ssl_port_open(struct wad_tcp_port *port, int type, SSL_CTX *ctx)
{
	struct wad_ssl_port	*sp = wad_xcalloc(1, sizeof(*sp));
	BIO			*bio;

	sp->magic = WAD_SSL_PORT_MAGIC;
	sp->type = type;
	sp->port = port;
	sp->alert_recv = sp->alert_sent = -1;
	sp->state = 1;
	WAD_DBG(SSL, WAD_I, "wsp=%p/%d making SSL port", (void *)sp, type);
	sp->ssl = SSL_new(ctx);
	bio = sp->ssl != NULL ? filter_new(sp) : NULL;
	if (bio == NULL) {
		wad_ssl_port_close(sp);
		return NULL;
	}
	SSL_set0_rbio(sp->ssl, bio);
	BIO_up_ref(bio);
	SSL_set0_wbio(sp->ssl, bio);
	SSL_set_app_data(sp->ssl, (char *)sp);
	SSL_set_msg_callback(sp->ssl, on_message);
	SSL_set_msg_callback_arg(sp->ssl, sp);
	if (type == WAD_SSL_CLT) {
		sp->holding = true;
		SSL_set_accept_state(sp->ssl);
	} else
		SSL_set_connect_state(sp->ssl);
	return sp;
}

void
wad_ssl_port_opened(const struct wad_ssl_port *sp,
    const struct wad_addr *server)
{
	char a[WAD_ADDR_STRLEN];

	/* __func__ is the name on the console: as in the reference */
	if (wad_dbg_ctl->mask[WAD_I] >> WAD_DBG_SSL & 1)
		wad_dbg_emit(WAD_I, "wad_ssl_port_open", __LINE__, "wsp=%p/%d SSL-port open succ type=%d port=%p vd=0 svr=%s: succ",
		    (const void *)sp, sp->type, sp->type, (void *)sp->port,
		    wad_addr_str(server, a));
}

void
wad_ssl_port_close(struct wad_ssl_port *sp)
{
	if (sp == NULL)
		return;
	WAD_CHECK(sp, WAD_SSL_PORT_MAGIC);
	SSL_free(sp->ssl);
	wad_buf_free(&sp->held);
	sp->magic = 0;
	free(sp);
}

struct wad_ssl_port *
wad_ssl_port_of(const SSL *ssl)
{
	struct wad_ssl_port *sp = (void *)SSL_get_app_data(ssl);

	WAD_CHECK(sp, WAD_SSL_PORT_MAGIC);
	return sp;
}

/* SSL_get_error looks at the queue, which must be empty before a call.
 * Emptying an empty one costs as much as a look-up in a URL filter list. */
static void
no_errors(void)
{
	if (ERR_peek_error() != 0)
		ERR_clear_error();
}

static enum wad_ssl_ret
failed(struct wad_ssl_port *sp)
{
	sp->failed = true;
	sp->error = ERR_peek_error();
	ERR_clear_error();
	return WAD_SSL_FAIL;
}

enum wad_ssl_ret
wad_ssl_port_handshake(struct wad_ssl_port *sp)
{
	int r;

	if (sp->failed)
		return WAD_SSL_FAIL;
	ERR_clear_error();
	r = SSL_do_handshake(sp->ssl);
	if (r == 1) {
		sp->done = true;
		sp->done_ms = wad_clock_ms();
		sp->state = 2;
		return WAD_SSL_OK;
	}
	switch (SSL_get_error(sp->ssl, r)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return WAD_SSL_WANT;
	case SSL_ERROR_WANT_CLIENT_HELLO_CB:
		return WAD_SSL_HELLO;
	case SSL_ERROR_WANT_X509_LOOKUP:
		return WAD_SSL_CERT;
	default:
		return failed(sp);
	}
}

int
wad_ssl_port_read(struct wad_ssl_port *sp, void *buf, int size)
{
	int n;

	if (sp->failed || sp->peer_notify)
		return 0;
	/* nothing there: OpenSSL would make a buffer to find that out */
	if (sp->port->in.len == 0 && SSL_has_pending(sp->ssl) == 0)
		return 0;
	no_errors();
	n = SSL_read(sp->ssl, buf, size);
	if (n > 0)
		return n;
	switch (SSL_get_error(sp->ssl, n)) {
	case SSL_ERROR_ZERO_RETURN:
		sp->peer_notify = true;
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return 0;
	default:
		failed(sp);
		return 0;
	}
}

int
wad_ssl_port_write(struct wad_ssl_port *sp, const void *buf, int len)
{
	if (sp->failed)
		return -1;
	no_errors();
	if (SSL_write(sp->ssl, buf, len) == len)
		return 0;
	failed(sp);
	return -1;
}

void
wad_ssl_port_notify(struct wad_ssl_port *sp)
{
	if (sp->failed || !sp->done || sp->sent_notify)
		return;
	sp->sent_notify = true;
	sp->state = 3;
	ERR_clear_error();
	(void)SSL_shutdown(sp->ssl);
	ERR_clear_error();
}

void
wad_ssl_port_alert_plain(struct wad_tcp_port *port, uint8_t alert)
{
	/* RFC 8446 section 5.1 and 6: record head, level fatal, description */
	const uint8_t rec[7] = { 21, 3, 3, 0, 2, SSL3_AL_FATAL, alert };

	wad_buf_add(&port->out, rec, sizeof(rec));
	wad_tcp_port_out_read_sync(port);
}

void
wad_ssl_port_update_cert_mode(const void *nego, const void *ca,
    const char *name)
{
	WAD_DBG(SSL, WAD_V, "nego=%p ca=%p name=%s", nego, ca, name);
}

void
wad_ssl_port_get_client_hello_sni(const struct wad_ssl_port *sp,
    const char *sni, bool copied)
{
	WAD_DBG(SSL, WAD_I, "wsp(%p/%d) get clt_hello sni(%s), copied: %d",
	    (const void *)sp, sp->type, sni, copied);
}

void
wad_ssl_port_c2p_validate_psk(const struct wad_ssl_port *sp, const void *id,
    unsigned modes)
{
	WAD_DBG(SSL, WAD_V, "wsp=%p/%d id=%p modes=%u", (const void *)sp,
	    sp->type, id, modes);
}

void
wad_ssl_port_client_hello_validate_psk(const struct wad_ssl_port *sp,
    bool verified)
{
	WAD_DBG(SSL, WAD_I, "wsp(%p/%d) verified PSK: %d", (const void *)sp,
	    sp->type, verified);
}

void
wad_ssl_port_on_cert_notify(const struct wad_ssl_port *sp, bool good)
{
	WAD_DBG(SSL, WAD_I, "sp=%p/%d cert auth: fnbam resp=%s",
	    (const void *)sp, sp->type, good ? "success" : "failure");
}
