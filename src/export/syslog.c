/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log servers.
 */
#include "export/export.h"

void
wad_syslog_record(struct wad_syslog *s, const char *text, size_t len)
{
	(void)s, (void)text, (void)len;
}

void
wad_syslog_lost(struct wad_syslog *s, uint64_t n)
{
	(void)s, (void)n;
}

void
wad_syslog_tick(struct wad_syslog *s)
{
	(void)s;
}
