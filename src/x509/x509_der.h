/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is it DER, or BER that a lenient decoder takes as well?
 */
#ifndef WAD_X509_DER_H
#define WAD_X509_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when p[len] is one value in DER as far as its frame goes (X.690
 * sections 8.1.2, 10.1, 10.2, 11.1): shortest tags and lengths, booleans of 00
 * or FF, no string in parts, nothing behind it; nested at most 32 deep. */
bool	wad_x509_der_ok(const uint8_t *p, size_t len);

#endif
