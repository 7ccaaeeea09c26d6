/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of categories.
 */
#ifndef WAD_URL_CATEGORY_H
#define WAD_URL_CATEGORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wad_category { uint16_t number, group; const char *name; };

const struct wad_category *wad_category_table(size_t *n);
const char *wad_category_group(unsigned group);
bool	wad_category_is_security_risk(uint16_t number);
/* Number for a folder of a public list, a category name or a number; -1. */
int	wad_category_of_folder(const char *);

#endif
