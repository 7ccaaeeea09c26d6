/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_reason.c: what errors of the kernel mean for the log.
 */
#include <check.h>

#include <errno.h>
#include <stdlib.h>

#include "worker/net_reason.h"
#include "suite.h"

static const struct {
	int		 err;
	const char	*connect, *server, *client;
} rows[] = {
	{ ECONNREFUSED, "ip-conn", "ip-conn", "ip-conn" },
	{ EHOSTUNREACH, "ip-conn", "ip-conn", "ip-conn" },
	{ ENETUNREACH, "ip-conn", "ip-conn", "ip-conn" },
	{ EACCES, "ip-conn", "ip-conn", "ip-conn" },
	{ ETIMEDOUT, "ip-conn", "timeout", "timeout" },
	{ ECONNRESET, "ip-conn", "server-rst", "client-rst" },
	{ EPIPE, "ip-conn", "server-rst", "client-rst" },
	{ 0, "ip-conn", "server-rst", "client-rst" },
	{ EMFILE, "close", "server-rst", "client-rst" },
};

START_TEST(actions)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_str_eq(wad_reasons[wad_net_reason_connect(
		    rows[i].err)].action, rows[i].connect);
		ck_assert_str_eq(wad_reasons[wad_net_reason_broken(
		    rows[i].err, true)].action, rows[i].server);
		ck_assert_str_eq(wad_reasons[wad_net_reason_broken(
		    rows[i].err, false)].action, rows[i].client);
	}
	ck_assert_int_eq(wad_net_reason_connect(ECONNREFUSED),
	    WR_SRV_REFUSED);
	ck_assert_int_eq(wad_net_reason_connect(ETIMEDOUT), WR_SRV_TIMEOUT);
	ck_assert_int_eq(wad_net_reason_connect(EHOSTUNREACH),
	    WR_SRV_UNREACHABLE);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("net_reason");
	TCase	*t = tcase_create("net_reason");

	tcase_add_test(t, actions);
	suite_add_tcase(s, t);
	return suite_run(s);
}
