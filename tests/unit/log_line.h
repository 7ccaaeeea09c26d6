/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record of the traffic log, read before each test.
 */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include <check.h>
#include <string.h>

#include "log/log_record.h"

#define TRAFFIC "type=\"traffic\" subtype=\"forward\" level=\"warning\" "
static const char line[] = "logid=\"0000000011\" " TRAFFIC "vd=\"root\" "
    "srcip=10.1.2.3 srcport=51000 dstip=2001:db8::7 dstport=443 "
    "sentbyte=1234567890123 action=\"ip-conn\" "
    "hostname=\"www.Example.com\" note=\"a \\x22b\\x22\" empty=\"\"";

static struct wad_log_record r;

static void
setup(void)
{
	ck_assert_int_eq(wad_log_record_parse(&r, line, strlen(line)), 0);
}

#endif
