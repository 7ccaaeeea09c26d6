/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_format.c: a golden line of each form, and records that try to break out
 * of one.
 */
#include <check.h>

#include <stdlib.h>
#include <string.h>

#include "log/log_format.h"
#include "suite.h"

#define KIND "type=\"utm\" level=\"alert\" "
#define WHEN "date=2021-02-11 time=13:15:00 "
#define BODY(sep)							\
	"eventtime=1613067301159688808" sep "tz=\"-0500\"" sep		\
	"logid=\"0000000013\"" sep "type=\"traffic\"" sep		\
	"subtype=\"forward\"" sep "level=\"notice\"" sep "vd=\"root\"" sep \
	"srcip=192.0.2.201" sep "srcport=18570" sep			\
	"srcintf=\"Untrusted\"" sep "dstip=2001:db8::5" sep		\
	"dstport=4791" sep "dstintf=\"out\"" sep "sessionid=2143294" sep	\
	"proto=6" sep "action=\"close\"" sep "policyid=9" sep		\
	"service=\"HTTPS\"" sep "trandisp=\"snat\"" sep			\
	"transip=172.16.4.15" sep "transport=5009" sep "sentbyte=1695" sep \
	"rcvdbyte=1269"

static const struct wad_log_sender by = { .devname = "NYC-FW",
	.devid = "FG200FT817418227", .facility = 23 };

static struct wad_str out;

static const char *
form(enum wad_log_form f, const char *text, const struct wad_log_sender *who)
{
	static struct wad_log_record r;

	wad_str_free(&out);
	memset(&out, 0, sizeof(out));
	ck_assert_int_eq(wad_log_record_parse(&r, text, strlen(text)), 0);
	wad_log_format(f, &r, who, &out);
	return out.s;
}

START_TEST(default_form)
{
	ck_assert_str_eq(form(WAD_FORM_DEFAULT, WHEN BODY(" "), &by),
	    "<189>" WHEN "devname=\"NYC-FW\" devid=\"FG200FT817418227\" "
	    BODY(" "));
	ck_assert_str_eq(form(WAD_FORM_DEFAULT, WHEN BODY(" "), NULL),
	    WHEN BODY(" "));
}
END_TEST

START_TEST(csv_form)
{
	ck_assert_str_eq(form(WAD_FORM_CSV, WHEN BODY(" "), &by),
	    "<189>date=2021-02-11,time=13:15:00,devname=\"NYC-FW\","
	    "devid=\"FG200FT817418227\"," BODY(","));
	/* a comma in a text is no end of a field */
	ck_assert_str_eq(form(WAD_FORM_CSV, KIND "msg=\"x, y\" b=2", NULL),
	    "type=\"utm\",level=\"alert\",msg=\"x\\x2c y\",b=2");
}
END_TEST

START_TEST(rfc5424_form)
{
	struct wad_log_sender s = by;

	ck_assert_str_eq(form(WAD_FORM_RFC5424, WHEN BODY(" "), &by),
	    "<189>1 2021-02-11T18:15:01Z NYC-FW - - - - " BODY(" "));
	/* HOSTNAME holds no space and is never empty */
	s.devname = "a b";
	s.facility = 0;
	ck_assert_str_eq(form(WAD_FORM_RFC5424, KIND, &s),
	    "<1>1 - a?b - - - - type=\"utm\" level=\"alert\"");
	s.devname = "";
	ck_assert_str_eq(form(WAD_FORM_RFC5424, KIND, &s),
	    "<1>1 - - - - - - type=\"utm\" level=\"alert\"");
}
END_TEST

START_TEST(json_form)
{
	ck_assert_str_eq(form(WAD_FORM_JSON, WHEN BODY(" "), &by),
	    "<189>{\"date\":\"2021-02-11\",\"time\":\"13:15:00\","
	    "\"devname\":\"NYC-FW\",\"devid\":\"FG200FT817418227\","
	    "\"eventtime\":\"1613067301159688808\",\"tz\":\"-0500\","
	    "\"logid\":\"0000000013\",\"type\":\"traffic\","
	    "\"subtype\":\"forward\",\"level\":\"notice\",\"vd\":\"root\","
	    "\"srcip\":\"192.0.2.201\",\"srcport\":18570,"
	    "\"srcintf\":\"Untrusted\",\"dstip\":\"2001:db8::5\","
	    "\"dstport\":4791,\"dstintf\":\"out\",\"sessionid\":2143294,"
	    "\"proto\":6,\"action\":\"close\",\"policyid\":9,"
	    "\"service\":\"HTTPS\",\"trandisp\":\"snat\","
	    "\"transip\":\"172.16.4.15\",\"transport\":5009,"
	    "\"sentbyte\":1695,\"rcvdbyte\":1269}");
	/* escapes of the record stay text; what is no number is none */
	ck_assert_str_eq(form(WAD_FORM_JSON, KIND
	    "m=\"a\\x22b\" n=007 o=0 p=123456789012345 q=1234567890123456 "
	    "r=-1 s=\"5\" t=", NULL),
	    "{\"type\":\"utm\",\"level\":\"alert\",\"m\":\"a\\\\x22b\",\"n\":\"007\",\"o\":0,"
	    "\"p\":123456789012345,\"q\":\"1234567890123456\","
	    "\"r\":\"-1\",\"s\":\"5\",\"t\":\"\"}");
}
END_TEST

START_TEST(cef_form)
{
	static const struct wad_conf_log_name names[] = {
		{ .name = "policyid", .custom = "cn1" },
		{ .name = "externalId", .custom = "mySession" },
	};
	struct wad_log_sender s = by;

	ck_assert_str_eq(form(WAD_FORM_CEF, WHEN BODY(" "), &by),
	    "<189>Feb 11 13:15:00 NYC-FW CEF: 0|openwad|openwad|v"
	    PACKAGE_VERSION "|00013|traffic:forward close|3|"
	    "deviceExternalId=FG200FT817418227 "
	    "FTNTFGTeventtime=1613067301159688808 FTNTFGTtz=-0500 "
	    "FTNTFGTlogid=0000000013 cat=traffic:forward "
	    "FTNTFGTsubtype=forward FTNTFGTlevel=notice FTNTFGTvd=root "
	    "src=192.0.2.201 spt=18570 deviceInboundInterface=Untrusted "
	    "dst=2001:db8::5 dpt=4791 deviceOutboundInterface=out "
	    "externalId=2143294 proto=6 act=close FTNTFGTpolicyid=9 "
	    "app=HTTPS FTNTFGTtrandisp=snat "
	    "sourceTranslatedAddress=172.16.4.15 "
	    "sourceTranslatedPort=5009 out=1695 in=1269");
	s.names = names;
	s.n_names = 2;
	ck_assert_str_eq(form(WAD_FORM_CEF, "date=2021-02-01 "
	    "time=03:04:05 logid=\"0102043009\" type=\"event\" "
	    "subtype=\"user\" level=\"emergency\" sessionid=7 policyid=8 "
	    "user=\"a\\x3db=c\" status=\"fail|ure\"", &s),
	    "<184>Feb  1 03:04:05 NYC-FW CEF: 0|openwad|openwad|v"
	    PACKAGE_VERSION "|43009|event:user fail\\|ure|8|"
	    "deviceExternalId=FG200FT817418227 FTNTFGTlogid=0102043009 "
	    "cat=event:user FTNTFGTsubtype=user FTNTFGTlevel=emergency "
	    "mySession=7 cn1=8 duser=a\\\\x3db\\=c outcome=fail|ure");
	/* not a date: the header still has one */
	ck_assert_str_eq(form(WAD_FORM_CEF, "date=2021-13-01 time=x " KIND
	    "user=\"u\"", NULL), "Jan  1 00:00:00 openwad CEF: 0|openwad|"
	    "openwad|v" PACKAGE_VERSION "||utm|7|cat=utm FTNTFGTlevel=alert "
	    "suser=u");
}
END_TEST

/* A form trusts no reader of records with its own promise. */
START_TEST(bytes_of_a_damaged_record)
{
	static struct wad_log_record	 r;
	static const char		 text[] = KIND "a=\"x\" b=y";

	ck_assert_int_eq(wad_log_record_parse(&r, text, sizeof(text) - 1), 0);
	r.field[2].value = "x\ny\r\x1b\x7f\xff\t\0\"z";
	r.field[2].len = 11;
	r.field[3].key = r.field[3].value = "\x01\x80";
	r.field[3].key_len = r.field[3].len = 2;
	for (int f = WAD_FORM_DEFAULT; f <= WAD_FORM_JSON; f++) {
		struct wad_str s = { 0 };

		wad_log_format((enum wad_log_form)f, &r, &by, &s);
		ck_assert_uint_eq(strlen(s.s), s.len);
		for (size_t i = 0; i < s.len; i++)
			ck_assert(s.s[i] >= 0x20 && s.s[i] < 0x7f);
		ck_assert_ptr_nonnull(strstr(s.s, "x?y???????z"));
		wad_str_free(&s);
	}
}
END_TEST

int
main(void)
{
	Suite	*s = suite_create("log_format");
	TCase	*t = tcase_create("all");

	tcase_add_test(t, default_form);
	tcase_add_test(t, csv_form);
	tcase_add_test(t, rfc5424_form);
	tcase_add_test(t, json_form);
	tcase_add_test(t, cef_form);
	tcase_add_test(t, bytes_of_a_damaged_record);
	suite_add_tcase(s, t);
	return suite_run(s);
}
