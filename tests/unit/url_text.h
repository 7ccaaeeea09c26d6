/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of each kind of entry, an own category and ratings.
 */
#ifndef URL_TEXT_H
#define URL_TEXT_H

#define URL_TEXT \
    "config webfilter urlfilter\nedit 1\nset name list\nconfig entries\n" \
    "edit 1\nset url off.example\nset type simple\nset action block\n" \
    "set status disable\nnext\n" \
    "edit 2\nset url good.bad.example\nset type simple\n" \
    "set action exempt\nnext\n" \
    "edit 3\nset url bad.example\nset type simple\nset action block\n" \
    "next\n" \
    "edit 4\nset url *.wild.example/x*\nset type wildcard\n" \
    "set action monitor\nnext\n" \
    "edit 5\nset url ^re[0-9]+\\\\.example/(a|b)$\nset type regex\n" \
    "set action block\nnext\n" \
    "edit 6\nset url path.example/secret\nset type simple\n" \
    "set action block\nnext\n" \
    "edit 7\nset url ^(a+)+$\nset type regex\nset action block\nnext\n" \
    "edit 8\nset url allowed.example\nset type simple\nset action allow\n" \
    "next\nend\nnext\nend\n" \
    "config webfilter ftgd-local-cat\nedit own\nset id 140\nnext\nend\n" \
    "config webfilter ftgd-local-rating\n" \
    "edit rated.example\nset rating 140 52\nnext\n" \
    "edit www.rated.example/deep\nset rating 31\nnext\n" \
    "edit off.rated.example\nset rating 26\nset status disable\nnext\n" \
    "end\n"

#endif
