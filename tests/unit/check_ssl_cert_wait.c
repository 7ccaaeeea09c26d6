/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssl_cert_wait.c: one question for many, answered, late, cancelled, asked
 * again after wad-keys came back.  And the OCSP response of a product reaches
 * a client that asked for one.
 */
#include <check.h>

#include <event2/event.h>

#include <unistd.h>

#include "tls/ssl_cache.h"
#include "tls/ssl_cert_wait.h"

#include "suite.h"
#include "tls_pair.h"

enum { WAITERS = 5 };

static struct event_base	*base;
static struct wad_ask_table	*asks;
static struct wad_chan		*here, *there;	/* worker's end, keys' end */
static unsigned			 seen;		/* questions that arrived */
static uint32_t			 ids[8];
static bool			 answers, refuses;
static struct waiter {
	struct wad_cert_wait	 w;
	unsigned		 called, order;
	struct wad_cert_product	*p;
	bool			 silent;
	char			 err[100];
	struct waiter		*cancels, *starts;
} waiters[WAITERS];
static unsigned			 order, written;
static struct wad_product_key	 key;
static char			 host[] = "test.example", ca_name[] = "ca";

static void
give(uint32_t id)
{
	struct wad_msg	 m;
	uint8_t		*der = NULL;
	int		 len;

	wad_msg_init(&m, WAD_MSG_FORGED, id);
	wad_msg_add_u32(&m, refuses ? 0 : 1);
	wad_msg_add_str(&m, refuses ? "no such CA" : "");
	len = i2d_X509(pki_leaf[WAD_KEY_EC], &der);
	wad_msg_add_blob(&m, der, (size_t)len);
	OPENSSL_free(der);
	der = NULL;
	len = i2d_PrivateKey(pki_key[WAD_KEY_EC], &der);
	wad_msg_add_blob(&m, der, (size_t)len);
	OPENSSL_clear_free(der, (size_t)len);
	wad_msg_add_u32(&m, 0);
	wad_msg_add_u64(&m, (uint64_t)time(NULL) + 86400);
	wad_msg_add_blob(&m, "response", 8);
	ck_assert_int_eq(wad_chan_send(there, &m), 0);
	wad_msg_free(&m);
}

static int
on_question(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	(void)arg, (void)c;
	ck_assert_uint_lt(seen, 8);
	ids[seen++] = m->id;
	if (answers)
		give(m->id);
	return 0;
}

static int
on_reply(void *arg, struct wad_chan *c, struct wad_msg_in *m)
{
	(void)arg, (void)c;
	(void)wad_ask_answer(asks, m);
	return 0;
}

static void
on_down(void *arg, struct wad_chan *c)
{
	(void)arg, (void)c;
	ck_abort_msg("channel down");
}

static void
connect_keys(void)
{
	int fd[2];

	ck_assert_int_eq(wad_msg_pair(fd), 0);
	here = wad_chan_new(base, fd[0], "keys", on_reply, on_down, NULL);
	there = wad_chan_new(base, fd[1], "worker", on_question, on_down,
	    NULL);
}

static void
setup(void)
{
	base = event_base_new();
	asks = wad_ask_table_new(base, 3);
	connect_keys();
	key = (struct wad_product_key){ .host = host, .ca = ca_name,
		.key_type = WAD_KEY_EC };
	answers = true;
}

static void
teardown(void)
{
	for (int i = 0; i < WAITERS; i++)
		wad_ssl_cert_storage_put(waiters[i].p);
	wad_lru_clear(wad_ssl_cert_storage_cache.lru);
	wad_chan_free(here);
	wad_chan_free(there);
	wad_ask_table_free(asks);
	event_base_free(base);
}

static void
write_question(void *arg, struct wad_msg *m)
{
	(void)arg;
	written++;
	wad_msg_init(m, WAD_MSG_PAGE_CERT, 0);
	wad_msg_add_u64(m, 1);
	wad_msg_add_str(m, "ca");
}

static int	start(struct waiter *, uint64_t generation, unsigned ms);

static void
on_product(void *arg, struct wad_cert_product *p, const char *err, bool silent)
{
	struct waiter *me = arg;

	ck_assert(!me->w.waiting);
	me->called++;
	me->order = ++order;
	me->p = p;
	me->silent = silent;
	snprintf(me->err, sizeof(me->err), "%s", err);
	if (me->cancels != NULL)
		wad_ssl_cert_wait_cancel(&me->cancels->w);
	if (me->starts != NULL)
		start(me->starts, 1, 5000);
}

static int
start(struct waiter *me, uint64_t generation, unsigned ms)
{
	return wad_ssl_cert_wait_start(&me->w, asks, here, &key, generation,
	    ms, write_question, on_product, me);
}

/* Turns the loop until nothing is asked any more, for a second at most. */
static void
run(void)
{
	for (int i = 0; i < 100 && wad_ssl_cert_wait_open() > 0; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		usleep(10000);
	}
}

START_TEST(shared)
{
	ck_assert_int_eq(start(&waiters[0], 1, 5000), 1);
	for (int i = 1; i < WAITERS; i++)
		ck_assert_int_eq(start(&waiters[i], 1, 5000), 2);
	ck_assert_uint_eq(waiters[0].called, 0);
	ck_assert_uint_eq(wad_ssl_cert_wait_open(), 1);
	run();
	ck_assert_uint_eq(seen, 1);
	ck_assert_uint_eq(written, 1);
	for (unsigned i = 0; i < WAITERS; i++) {
		ck_assert_uint_eq(waiters[i].called, 1);
		ck_assert_uint_eq(waiters[i].order, i + 1);
		ck_assert_ptr_nonnull(waiters[i].p);
		ck_assert_ptr_eq(waiters[i].p, waiters[0].p);
	}
	/* one of each waiter, one of the storage */
	ck_assert_int_eq(waiters[0].p->refcount, WAITERS + 1);
	ck_assert_uint_eq(wad_ssl_cert_wait_open(), 0);
	ck_assert_uint_eq(wad_ask_open(asks), 0);
}
END_TEST

/* Another name, another generation: another question. */
START_TEST(not_shared)
{
	char	other[] = "other.example";

	ck_assert_int_eq(start(&waiters[0], 1, 5000), 1);
	ck_assert_int_eq(start(&waiters[1], 2, 5000), 1);
	key.host = other;
	ck_assert_int_eq(start(&waiters[2], 1, 5000), 1);
	key.host = host;
	key.with_staple = true;
	/* the table of questions is full */
	ck_assert_int_eq(start(&waiters[3], 1, 5000), 0);
	ck_assert(!waiters[3].w.waiting);
	ck_assert_uint_eq(wad_ssl_cert_wait_open(), 3);
	run();
	ck_assert_uint_eq(seen, 3);
	ck_assert_str_eq(waiters[2].p->id.host, other);
	ck_assert_uint_eq(waiters[3].called, 0);
	ck_assert_int_eq(start(&waiters[3], 1, 5000), 1);
	run();
	ck_assert_uint_eq(waiters[3].called, 1);
}
END_TEST

START_TEST(cancelled)
{
	struct wad_cert_product *p;

	start(&waiters[0], 1, 5000);
	start(&waiters[1], 1, 5000);
	start(&waiters[2], 1, 5000);
	wad_ssl_cert_wait_cancel(&waiters[0].w);	/* who had asked */
	wad_ssl_cert_wait_cancel(&waiters[0].w);
	wad_ssl_cert_wait_cancel(&waiters[3].w);	/* never waited */
	waiters[1].cancels = &waiters[2];
	run();
	ck_assert_uint_eq(waiters[0].called, 0);
	ck_assert_uint_eq(waiters[1].called, 1);
	ck_assert_uint_eq(waiters[2].called, 0);
	ck_assert_int_eq(waiters[1].p->refcount, 2);
	/* All gone: the answer is kept all the same. */
	wad_lru_clear(wad_ssl_cert_storage_cache.lru);
	start(&waiters[4], 1, 5000);
	wad_ssl_cert_wait_cancel(&waiters[4].w);
	run();
	p = wad_ssl_cert_storage_find(&key);
	ck_assert_ptr_nonnull(p);
	wad_ssl_cert_storage_put(p);
}
END_TEST

/* Who asks again from inside gets a question of his own. */
START_TEST(asks_again_inside)
{
	start(&waiters[0], 1, 5000);
	waiters[0].starts = &waiters[1];
	run();
	ck_assert_uint_eq(seen, 2);
	ck_assert_uint_eq(waiters[1].called, 1);
}
END_TEST

START_TEST(refused)
{
	refuses = true;
	start(&waiters[0], 1, 5000);
	start(&waiters[1], 1, 5000);
	run();
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(waiters[i].called, 1);
		ck_assert_ptr_null(waiters[i].p);
		ck_assert(!waiters[i].silent);
		ck_assert_str_eq(waiters[i].err, "no such CA");
	}
}
END_TEST

START_TEST(no_answer)
{
	answers = false;
	start(&waiters[0], 1, 150);
	start(&waiters[1], 1, 150);
	run();
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(waiters[i].called, 1);
		ck_assert_ptr_null(waiters[i].p);
		ck_assert(waiters[i].silent);
	}
	/* An answer that comes too late finds nobody. */
	give(ids[0]);
	for (int i = 0; i < 5; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(waiters[0].called, 1);
}
END_TEST

START_TEST(wad_keys_dies)
{
	answers = false;
	start(&waiters[0], 1, 5000);
	start(&waiters[1], 1, 5000);
	for (int i = 0; i < 5; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_uint_eq(seen, 1);
	wad_chan_free(here);
	wad_chan_free(there);
	answers = true;
	here = NULL;
	start(&waiters[2], 1, 5000);	/* while it is away */
	connect_keys();
	wad_ask_resend(asks, here, "keys");
	run();
	ck_assert_uint_eq(seen, 2);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(waiters[i].called, 1);
		ck_assert_ptr_nonnull(waiters[i].p);
	}
}
END_TEST

/* ---- the response on its way to the client */

static int
staple_seen(bool asks_for_it, bool has_one, uint16_t version, char *got)
{
	struct end		 e;
	SSL_CTX			*ctx = SSL_CTX_new(TLS_client_method());
	SSL			*c = SSL_new(ctx);
	BIO			*in = BIO_new(BIO_s_mem()),
	    *out = BIO_new(BIO_s_mem());
	char			 buf[4096];
	const unsigned char	*p;
	long			 len;
	int			 n;
	bool			 held = true;

	SSL_set_bio(c, in, out);
	SSL_set_connect_state(c);
	SSL_set_max_proto_version(c, version);
	SSL_set_tlsext_host_name(c, "test.example");
	if (asks_for_it)
		SSL_set_tlsext_status_type(c, TLSEXT_STATUSTYPE_ocsp);
	end_open(&e, WAD_SSL_CLT);
	for (int i = 0; i < 20; i++) {
		SSL_do_handshake(c);
		ERR_clear_error();
		while ((n = BIO_read(out, buf, sizeof(buf))) > 0)
			wad_buf_add(&e.port->in, buf, (size_t)n);
		if (wad_ssl_port_handshake(e.sp) == WAD_SSL_HELLO && held) {
			held = false;
			wad_ssl_negotiate_key_type(e.n);
			e.n->product = pki_product(WAD_KEY_EC);
			if (has_one) {
				e.n->product->staple = (uint8_t *)
				    wad_xstrdup("response");
				e.n->product->staple_len = 8;
			}
			ck_assert_int_eq(wad_ssl_proxy_resume_c2p_handshake(
			    e.sp, e.sp, e.n, WAD_TLS12), 0);
			wad_ssl_port_handshake(e.sp);
		}
		while ((n = (int)wad_buf_take(&e.port->out, buf,
		    sizeof(buf))) > 0)
			BIO_write(in, buf, n);
	}
	ck_assert(SSL_is_init_finished(c));
	ck_assert_int_eq(SSL_version(c), version);
	len = SSL_get_tlsext_status_ocsp_resp(c, &p);
	if (len > 0 && len < 100) {
		memcpy(got, p, (size_t)len);
		got[len] = '\0';
	}
	SSL_free(c);
	SSL_CTX_free(ctx);
	end_close(&e);
	return (int)len;
}

START_TEST(stapled)
{
	uint16_t	version = _i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
	char		got[100];

	ck_assert_int_eq(staple_seen(true, true, version, got), 8);
	ck_assert_str_eq(got, "response");
	ck_assert_int_le(staple_seen(true, false, version, got), 0);
	ck_assert_int_le(staple_seen(false, true, version, got), 0);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_cert_wait");
	TCase	*t = tcase_create("wait"), *o = tcase_create("staple");
	int	 bad;

	pki_make();
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, shared);
	tcase_add_test(t, not_shared);
	tcase_add_test(t, cancelled);
	tcase_add_test(t, asks_again_inside);
	tcase_add_test(t, refused);
	tcase_add_test(t, no_answer);
	tcase_add_test(t, wad_keys_dies);
	suite_add_tcase(s, t);
	tcase_add_loop_test(o, stapled, 0, 2);
	suite_add_tcase(s, o);
	bad = suite_run(s);
	pki_free();
	return bad;
}
