/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record in one of the forms that log servers read.
 */
#ifndef WAD_LOG_LOG_FORMAT_H
#define WAD_LOG_LOG_FORMAT_H

#include "base/str.h"
#include "conf/conf_snap.h"
#include "log/log_record.h"

/* What a remote copy says of its sender. */
struct wad_log_sender {
	const char	*devname;	/* host name */
	const char	*devid;
	unsigned	 facility;	/* RFC 5424 section 6.2.1 */
	/* custom-field-name, for CEF; NULL, 0: none */
	const struct wad_conf_log_name *names; size_t n_names;
};

/* Appends the message: with <PRI> and the sender when that is given (syslog),
 * without them for files.  One line of printable ASCII, whatever the record
 * holds; no line end. */
void	wad_log_format(enum wad_log_form, const struct wad_log_record *,
	    const struct wad_log_sender *, struct wad_str *out);

#endif
