/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learned exemptions in a worker: what counts as a rejection, by real
 * handshakes, and the copy of the table.
 */
#include <check.h>
#include <stdio.h>

#include "base/clock.h"
#include "tls/ssl_cache.h"
#include "tls/ssl_learn.h"

#include "suite.h"
#include "tls_pair.h"

static struct end	 proxy, client;
static SSL_CTX		*strict, *easy;

static void
setup(void)
{
	end_open(&proxy, WAD_SSL_CLT);
	wad_ssl_learn_clear();
}

static void
teardown(void)
{
	end_close(&proxy);
	end_close(&client);
}

static void
client_open(SSL_CTX *ctx, int version)
{
	client.port = wad_tcp_port_alloc();
	client.n = wad_ssl_negotiate_make();
	client.sp = wad_ssl_port_open(client.port, WAD_SSL_SRV, ctx);
	WAD_ASSERT(client.sp != NULL);
	client.sp->nego = client.n;
	SSL_set_max_proto_version(client.sp->ssl, version);
	SSL_set_tlsext_host_name(client.sp->ssl, "test.example");
}

/* Both sides step until nothing moves; how the proxy's side ended. */
static enum wad_ssl_ret
shake(void)
{
	enum wad_ssl_ret r = WAD_SSL_WANT;

	for (int i = 0; i < 20; i++) {
		(void)wad_ssl_port_handshake(client.sp);
		wire(&client, &proxy, SIZE_MAX);
		r = wad_ssl_port_handshake(proxy.sp);
		if (r == WAD_SSL_HELLO)
			end_release(&proxy, WAD_KEY_EC);
		wire(&proxy, &client, SIZE_MAX);
	}
	return r;
}

static uint32_t
outcome(void)
{
	return wad_ssl_learn_outcome(proxy.sp, false, wad_clock_ms());
}

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

START_TEST(alert)
{
	client_open(strict, versions[_i]);
	ck_assert_int_eq(shake(), WAD_SSL_FAIL);
	ck_assert_uint_eq(outcome(), SSL_AD_UNKNOWN_CA);
	/* however late it comes */
	ck_assert_uint_eq(wad_ssl_learn_outcome(proxy.sp, false,
	    wad_clock_ms() + 60000), SSL_AD_UNKNOWN_CA);
}
END_TEST

/* Alerts that are not about the certificate. */
START_TEST(other_alerts)
{
	static const int none[] = { SSL_AD_HANDSHAKE_FAILURE,
		SSL_AD_ACCESS_DENIED, SSL_AD_DECRYPT_ERROR,
		SSL_AD_PROTOCOL_VERSION, SSL_AD_INTERNAL_ERROR, 116 };
	static const int some[] = { 42, 43, 44, 45, 46, 48 };

	client_open(easy, TLS1_3_VERSION);
	ck_assert_int_eq(shake(), WAD_SSL_OK);
	for (size_t i = 0; i < 6; i++) {
		proxy.sp->alert_recv = none[i];
		ck_assert_uint_eq(outcome(), WAD_LEARN_NOTHING);
		proxy.sp->alert_recv = some[i];
		ck_assert_int_eq((int)outcome(), some[i]);
		ck_assert_ptr_nonnull(wad_learn_evidence(outcome()));
	}
}
END_TEST

/* Closed in the middle, or right after: a rejection unless it is late, or
 * something was said. */
START_TEST(closed)
{
	uint64_t now;

	client_open(easy, versions[_i]);
	ck_assert_int_eq(shake(), WAD_SSL_OK);
	now = proxy.sp->done_ms;
	ck_assert_uint_ge(now, proxy.sp->cert_ms);
	ck_assert_uint_eq(outcome(), WAD_LEARN_NOTHING);	/* still open */
	proxy.port->eof = true;
	ck_assert_uint_eq(outcome(), WAD_LEARN_CLOSED);
	ck_assert_uint_eq(wad_ssl_learn_outcome(proxy.sp, false,
	    now + WAD_LEARN_SOON_MS), WAD_LEARN_CLOSED);
	ck_assert_uint_eq(wad_ssl_learn_outcome(proxy.sp, false,
	    now + WAD_LEARN_SOON_MS + 1), WAD_LEARN_NOTHING);
	ck_assert_uint_eq(wad_ssl_learn_outcome(proxy.sp, true, now),
	    WAD_LEARN_NOTHING);
	proxy.port->eof = false;
	proxy.port->reset = true;
	ck_assert_uint_eq(outcome(), WAD_LEARN_CLOSED);
	proxy.sp->alert_sent = SSL_AD_DECODE_ERROR;	/* we complained */
	ck_assert_uint_eq(outcome(), WAD_LEARN_NOTHING);
}
END_TEST

/* close_notify with the handshake half done. */
START_TEST(notify)
{
	client_open(easy, TLS1_2_VERSION);
	for (int i = 0; i < 3; i++) {
		(void)wad_ssl_port_handshake(client.sp);
		wire(&client, &proxy, SIZE_MAX);
		if (wad_ssl_port_handshake(proxy.sp) == WAD_SSL_HELLO)
			end_release(&proxy, WAD_KEY_EC);
	}
	ck_assert_uint_ne(proxy.sp->cert_ms, 0);
	wad_buf_add(&proxy.port->in, "\25\3\3\0\2\1\0", 7);
	ck_assert_int_eq(wad_ssl_port_handshake(proxy.sp), WAD_SSL_FAIL);
	ck_assert_uint_eq(outcome(), WAD_LEARN_CLOSED);
}
END_TEST

/* Without our certificate there is nothing to reject. */
START_TEST(before_the_certificate)
{
	client_open(easy, TLS1_3_VERSION);
	(void)wad_ssl_port_handshake(client.sp);
	wire(&client, &proxy, SIZE_MAX);
	ck_assert_int_eq(wad_ssl_port_handshake(proxy.sp), WAD_SSL_HELLO);
	proxy.port->eof = true;
	ck_assert_uint_eq(outcome(), WAD_LEARN_NOTHING);
	proxy.sp->alert_recv = SSL_AD_UNKNOWN_CA;
	ck_assert_uint_eq(outcome(), WAD_LEARN_NOTHING);
}
END_TEST

START_TEST(copy)
{
	struct wad_learn_key	k = { .host = "a.example" }, other;
	struct wad_str		text = { 0 };

	client_open(easy, TLS1_3_VERSION);
	ck_assert_int_eq(wad_addr_parse(&k.client, "192.0.2.7"), 0);
	other = k;
	other.client.ip[3]++;
	ck_assert_int_eq(wad_ssl_learn_state(&k, 100),
	    WAD_LEARNED_FORGET);
	wad_ssl_learn_put(WAD_LEARNED_SUSPECT, &k, 200);
	ck_assert_int_eq(wad_ssl_learn_state(&k, 100),
	    WAD_LEARNED_SUSPECT);
	ck_assert(!wad_ssl_learn_exempt(&k, 100));
	wad_ssl_learn_put(WAD_LEARNED_EXEMPT, &k, 300);
	ck_assert(wad_ssl_learn_exempt(&k, 299));
	k.client.port = 5555;		/* the port says nothing */
	ck_assert(wad_ssl_learn_exempt(&k, 299));
	ck_assert(!wad_ssl_learn_exempt(&other, 299));
	other = k;
	other.host = "b.example";
	ck_assert(!wad_ssl_learn_exempt(&other, 299));
	ck_assert(wad_ssl_cache_show("learned", "", &text));
	ck_assert_ptr_nonnull(strstr(text.s, "a.example client=192.0.2.7 "
	    "state=exempt left="));
	ck_assert_ptr_nonnull(strstr(text.s, " hits=2\n"));
	wad_str_free(&text);
	ck_assert(!wad_ssl_learn_exempt(&k, 300));	/* over, and gone */
	ck_assert(!wad_ssl_learn_exempt(&k, 100));
	wad_ssl_learn_put(WAD_LEARNED_EXEMPT, &k, 300);
	wad_ssl_learn_put(WAD_LEARNED_FORGET, &other, 0);
	ck_assert(wad_ssl_learn_exempt(&k, 100));
	wad_ssl_learn_put(WAD_LEARNED_FORGET, &k, 0);
	ck_assert_int_eq(wad_ssl_learn_state(&k, 100),
	    WAD_LEARNED_FORGET);
	for (int i = 0; i < WAD_LEARN_COPY_MAX + 1; i++) {
		char host[32];

		snprintf(host, sizeof(host), "h%d.example", i);
		other.host = host;
		wad_ssl_learn_put(WAD_LEARNED_SUSPECT, &other, 200);
	}
	wad_ssl_cache_list(&text);
	ck_assert_ptr_nonnull(strstr(text.s, "learned 8192 8192 "));
	wad_str_free(&text);
}
END_TEST

START_TEST(remembered)
{
	struct wad_learn_key k = { .host = "a.example" }, other;

	client_open(easy, TLS1_3_VERSION);
	ck_assert_int_eq(wad_addr_parse(&k.client, "192.0.2.9"), 0);
	other = k;
	other.host = "b.example";
	ck_assert(!wad_ssl_learn_was_good(&k, 1000, 3600));
	wad_ssl_learn_good(&k, 1000);
	ck_assert(wad_ssl_learn_was_good(&k, 4599, 3600));
	ck_assert(!wad_ssl_learn_was_good(&k, 4600, 3600));
	ck_assert(!wad_ssl_learn_was_good(&other, 1000, 3600));
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("ssl_learn");
	TCase	*t = tcase_create("ssl_learn");
	int	 bad;

	pki_make();
	strict = SSL_CTX_new(TLS_client_method());
	easy = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_verify(strict, SSL_VERIFY_PEER, NULL);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, alert, 0, 2);
	tcase_add_test(t, other_alerts);
	tcase_add_loop_test(t, closed, 0, 2);
	tcase_add_test(t, notify);
	tcase_add_test(t, before_the_certificate);
	tcase_add_test(t, copy);
	tcase_add_test(t, remembered);
	suite_add_tcase(s, t);
	bad = suite_run(s);
	SSL_CTX_free(strict);
	SSL_CTX_free(easy);
	pki_free();
	return bad;
}
