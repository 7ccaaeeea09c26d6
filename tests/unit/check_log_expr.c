/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Free-style expressions: what matches, and what the errors say.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/log_expr.h"
#include "suite.h"
#include "log_line.h"

static bool
match(const struct wad_log_expr *e)
{
	return wad_log_expr_match(e, wad_log_record_value, &r);
}

START_TEST(expressions)
{
	static const struct { const char *text; bool want; } t[] = {
		{ "srcip==10.1.2.3", true }, { "srcip == \"10.1.2.3\"", true },
		{ "srcip=10.1.2.3", true }, { "srcip==10.1.2.4", false },
		{ "srcip!=10.1.2.4", true }, { "srcip==10.0.0.0/8", true },
		{ "srcip==10.1.3.0/24", false },
		{ "srcip==10.1.2.1-10.1.2.9", true },
		{ "srcip>10.1.2.2", true }, { "srcip<10.1.2.3", false },
		{ "srcip==10.1.2", false },
		{ "dstip==2001:DB8:0::7", true },
		{ "dstip==2001:db8::/32", true }, { "dstip==10.0.0.0/8", false },
		{ "dstip<10.0.0.1", false }, { "dstip>10.0.0.1", false },
		{ "dstport==443", true }, { "dstport==0443", true },
		{ "dstport>=443", true }, { "dstport>443", false },
		{ "dstport<=443", true }, { "dstport<1000", true },
		{ "dstport 80 443", true }, { "dstport 80,443", true },
		{ "dstport(80, 443)", true }, { "dstport 80 100-500", true },
		{ "dstport 80 8443", false }, { "not dstport 80", true },
		{ "sentbyte>1234567890122", true },
		{ "action==\"ip-conn\"", true }, { "action==IP-CONN", true },
		{ "action==close", false }, { "action!=close", true },
		{ "hostname=~example", true }, { "hostname=~\"LE.com\"", true },
		{ "hostname=~nothing", false },
		{ "hostname==www.example.com", true },
		{ "note==\"a \\\"b\\\"\"", true }, { "note=~'\"b\"'", true },
		{ "empty==\"\"", true }, { "empty!=x", true },
		{ "missing==\"\"", false }, { "missing!=x", true },
		{ "missing=~\"\"", false }, { "missing<5", false },
		{ "logid 0000000011", true }, { "logid==11", true },
		{ "logid 13 11", true }, { "logid==0001000011", false },
		{ "logid(0000000013 0000000011)", true },
		{ "level==warning", true }, { "level>=warning", true },
		{ "level>notification", true }, { "level>=error", false },
		{ "level notice warning", true }, { "level<error", true },
		{ "(level notice warning error) and (logid 11)", true },
		{ "(srcip==10.1.2.3 and dstport==80) or action==ip-conn",
		    true },
		{ "srcip==10.1.2.3 and (dstport==80 or action==close)",
		    false },
		/* and binds closer than or */
		{ "action==ip-conn or action==close and dstport==80", true },
		{ "action==close and dstport==80 or action==ip-conn", true },
		{ "not action==close and dstport==443", true },
		{ "!(action==ip-conn)", false }, { "! ! srcport 51000", true },
		{ "dstport==443 & srcport==51000", true },
		{ "dstport==1 | srcport==51000", true },
		{ "dstport==443&&srcport==51000||a==1", true },
		{ "NOT dstport==1 AND srcport==51000", true },
	};
	char err[200];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct wad_log_expr *e;

		e = wad_log_expr_new(t[i].text, err, sizeof(err));
		ck_assert_msg(e != NULL, "%s: %s", t[i].text, err);
		ck_assert_msg(match(e) == t[i].want, "%s",
		    t[i].text);
		wad_log_expr_free(e);
	}
}
END_TEST

START_TEST(errors)
{
	static const struct { const char *text, *want; } t[] = {
		{ "", "column 1: a field's name is expected, not the end" },
		{ "srcip==", "column 8: a value is missing behind srcip" },
		{ "srcip", "column 6: a value is missing behind srcip" },
		{ "(srcip==1", "column 10: the '(' of column 1 is not closed: "
		    "')', \"and\" or \"or\" is expected, not the end" },
		{ "srcip==1)", "column 9: \"and\", \"or\" or the end is "
		    "expected, not ')'" },
		{ "srcip==1 dstport==2", "column 10: \"and\", \"or\" or the "
		    "end is expected, not 'd'" },
		{ "a==\"x", "column 4: the quote is not closed" },
		{ "a==1 and", "column 9: a field's name is expected, not the "
		    "end" },
		{ "a==1 and or b==1", "column 10: a field's name is expected, "
		    "not 'o'" },
		{ "level==loud", "column 8: not a level; they are emergency, "
		    "alert, critical, error, warning, notice, information, "
		    "debug" },
		{ "a<b", "column 3: < and > need a number or an address" },
		{ "port 9-3", "column 6: the range ends before it begins" },
		{ "port(1 2", "column 9: a ')' is missing" },
		{ "\x01", "column 1: a field's name is expected, not '\\x01'"
		    },
		{ "===", "column 1: a field's name is expected, not '='" },
	};
	char err[200], small[10];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ck_assert_msg(wad_log_expr_new(t[i].text, err, sizeof(err)) ==
		    NULL, "%s", t[i].text);
		ck_assert_str_eq(err, t[i].want);
	}
	ck_assert(wad_log_expr_new("a<b", small, sizeof(small)) == NULL);
	ck_assert_uint_lt(strlen(small), sizeof(small));
}
END_TEST

/* Neither long nor deep texts get far. */
START_TEST(bounds)
{
	char text[8192] = "", err[200];

	for (int i = 0; i < WAD_LOG_EXPR_TERMS; i++)
		strcat(text, i == 0 ? "a==1" : " or a==1");
	struct wad_log_expr *e = wad_log_expr_new(text, err, sizeof(err));
	ck_assert_msg(e != NULL, "%s", err);
	ck_assert(!match(e));
	wad_log_expr_free(e);
	strcat(text, " or a==1");
	ck_assert(wad_log_expr_new(text, err, sizeof(err)) == NULL);
	ck_assert(strstr(err, "more than 64 comparisons") != NULL);
	memset(text, '(', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert(wad_log_expr_new(text, err, sizeof(err)) == NULL);
	ck_assert(strstr(err, "nested deeper") != NULL);
	memset(text, '!', sizeof(text) - 1);
	ck_assert(wad_log_expr_new(text, err, sizeof(err)) == NULL);
	memcpy(text, "a==", 3);
	memset(text + 3, 'x', sizeof(text) - 4);
	ck_assert(wad_log_expr_new(text, err, sizeof(err)) == NULL);
	ck_assert(strstr(err, "longer than 255") != NULL);
	memset(text, 'k', 40);
	ck_assert(wad_log_expr_new(text, err, sizeof(err)) == NULL);
	strcpy(text, "a");
	for (int i = 0; i <= WAD_LOG_EXPR_VALUES; i++)
		strcat(text, " 1");
	ck_assert(wad_log_expr_new(text, err, sizeof(err)) == NULL);
	ck_assert(strstr(err, "more than 128 values") != NULL);
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("log_expr");
	TCase	*t = tcase_create("log_expr");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, expressions);
	tcase_add_test(t, errors);
	tcase_add_test(t, bounds);
	suite_add_tcase(s, t);
	return suite_run(s);
}
