/* SPDX-License-Identifier: Apache-2.0 */
/*
 * port/sock_facts.c against the kernel of this machine, over loopback.
 */
#include <check.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "port/sock_facts.h"
#include "suite.h"

/* A connection to `to` through a listener at `at`: client and accepted end. */
static void
connection(const char *at, const char *to, int *client, int *accepted)
{
	struct sockaddr_storage	ss;
	struct wad_addr		a, b;
	socklen_t		len;
	int			fd, one = 1;

	ck_assert_int_eq(wad_addr_parse(&a, at), 0);
	ck_assert_int_eq(wad_addr_parse(&b, to), 0);
	fd = socket(a.family, SOCK_STREAM, 0);
	ck_assert_int_ne(fd, -1);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	len = wad_addr_to_sockaddr(&a, &ss);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&ss, len), 0);
	wad_sock_facts_listen(fd);
	ck_assert_int_eq(listen(fd, 4), 0);
	len = sizeof(ss);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	ck_assert_int_eq(wad_addr_from_sockaddr(&a, (struct sockaddr *)&ss),
	    0);
	b.port = a.port;
	len = wad_addr_to_sockaddr(&b, &ss);
	*client = socket(b.family, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(*client, (struct sockaddr *)&ss, len), 0);
	*accepted = accept(fd, NULL, NULL);
	ck_assert_int_ne(*accepted, -1);
	close(fd);
}

static void
check_ingress(const char *at, const char *to)
{
	int c, a;

	connection(at, to, &c, &a);
	ck_assert_uint_eq(wad_sock_facts_ingress(a), if_nametoindex("lo"));
	close(c);
	close(a);
}

START_TEST(test_ingress)
{
	check_ingress("127.0.0.1", "127.0.0.1");
	check_ingress("0.0.0.0", "127.0.0.1");
	ck_assert_uint_eq(wad_sock_facts_ingress(-1), 0);
}
END_TEST

/* Also an IPv4 client of a listener for both. */
START_TEST(test_ingress_v6)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };

	if (fd == -1 || bind(fd, (struct sockaddr *)&sin6,
	    sizeof(sin6)) == -1) {
		if (fd != -1)
			close(fd);
		return;			/* no IPv6 here */
	}
	close(fd);
	check_ingress("::1", "::1");
	check_ingress("::", "::1");
	check_ingress("::", "127.0.0.1");
}
END_TEST

START_TEST(test_tcp)
{
	struct wad_sock_facts	f;
	int			c, a;
	uint32_t		before;
	char			buf[16];

	connection("127.0.0.1", "127.0.0.1", &c, &a);
	ck_assert_int_eq(wad_sock_facts_tcp(a, &f), 0);
	ck_assert_uint_eq(f.state, TCP_ESTABLISHED);
	before = f.segs_in;
	ck_assert_int_eq(send(c, "hello", 5, 0), 5);
	ck_assert_int_eq(recv(a, buf, sizeof(buf), 0), 5);
	ck_assert_int_eq(wad_sock_facts_tcp(a, &f), 0);
	ck_assert_uint_gt(f.segs_in, before);
	ck_assert_int_eq(shutdown(c, SHUT_WR), 0);
	ck_assert_int_eq(recv(a, buf, sizeof(buf), 0), 0);
	ck_assert_int_eq(wad_sock_facts_tcp(a, &f), 0);
	ck_assert_uint_eq(f.state, TCP_CLOSE_WAIT);
	ck_assert_int_eq(wad_sock_facts_tcp(c, &f), 0);
	ck_assert(f.state == TCP_FIN_WAIT1 || f.state == TCP_FIN_WAIT2);
	close(c);
	close(a);
	ck_assert_int_eq(wad_sock_facts_tcp(-1, &f), -1);
	a = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(wad_sock_facts_tcp(a, &f), -1);
	close(a);
}
END_TEST

int
main(void)
{
	Suite	*suite = suite_create("sock_facts");
	TCase	*tc = tcase_create("sock_facts");

	tcase_add_test(tc, test_ingress);
	tcase_add_test(tc, test_ingress_v6);
	tcase_add_test(tc, test_tcp);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
