/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translations of pages, read from their folder; and what is to be said about
 * the pages that an administrator wrote.
 */
#ifndef WAD_MAIN_PAGE_FILES_H
#define WAD_MAIN_PAGE_FILES_H

#include "conf/conf_snap.h"

/* Puts the texts of the folder (page-dir of openwad settings, else that of the
 * installation, which may be missing) into the tree, for the sealed text.
 * Lines about what is wrong go to told: none of it keeps openwad from
 * starting, pages are in English then. */
void	wad_page_files_read(struct wad_conf_tree *, struct wad_str *told);

/* Unknown %%NAMES%% in an administrator's pages, and pages of types that
 * openwad does not have. */
void	wad_page_files_check(const struct wad_conf *, struct wad_str *told);

#endif
