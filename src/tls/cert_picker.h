/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAD_TLS_CERT_PICKER_H
#define WAD_TLS_CERT_PICKER_H

#include "tls/ssl_negotiate.h"

/* The subject that will be forged: line 47. */
void	wad_cert_picker_get_subject(const struct wad_ssl_nego *);

#endif
