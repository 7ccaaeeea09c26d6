/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Category numbers and names, and the folder names of public lists.
 */
#include "url/category.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "url/url.h"

static const struct wad_category categories[] = {
#define CATEGORY(number, group, name) { number, group, name },
#include "url/category.def"
#undef CATEGORY
};

enum { GROUP_SECURITY_RISK = 4 };	/* place in this list */

static const char *const groups[] = {
	"Unrated", "Potentially Liable", "Adult/Mature Content",
	"Bandwidth Consuming", "Security Risk", "General Interest - Personal",
	"General Interest - Business",
};

/* Folders of the UT1 lists (Toulouse) and of squidGuard's. */
static const struct { const char *folder; uint16_t number; } folders[] = {
	{ "adult", 14 }, { "porn", 14 }, { "agressif", 6 },
	{ "aggressive", 6 }, { "violence", 6 }, { "arjel", 11 },
	{ "gambling", 11 }, { "associations_religieuses", 40 },
	{ "religion", 40 }, { "astrology", 2 }, { "audio-video", 25 },
	{ "streaming", 25 }, { "bank", 31 }, { "finance", 31 },
	{ "financial", 31 }, { "bitcoin", 101 }, { "blog", 80 },
	{ "celebrity", 28 }, { "chat", 68 }, { "child", 77 },
	{ "cleaning", 50 }, { "cooking", 44 }, { "cryptojacking", 98 },
	{ "dangerous_material", 16 }, { "weapons", 16 }, { "dating", 15 },
	{ "ddos", 26 }, { "dialer", 26 }, { "doh", 59 },
	{ "download", 19 }, { "drogue", 1 }, { "drugs", 1 },
	{ "educational_games", 77 }, { "examen_pix", 30 },
	{ "fakenews", 36 }, { "filehosting", 24 }, { "forums", 70 },
	{ "games", 20 }, { "hacking", 3 }, { "jobsearch", 34 },
	{ "lingerie", 66 }, { "liste_blanche", 43 }, { "malware", 26 },
	{ "manga", 28 }, { "marketingware", 17 }, { "ads", 17 },
	{ "publicite", 17 }, { "mixed_adult", 8 }, { "mobile-phone", 44 },
	{ "news", 36 }, { "phishing", 61 }, { "press", 36 },
	{ "proxy", 59 }, { "redirector", 59 }, { "strict_redirector", 59 },
	{ "radio", 75 }, { "reaffected", 85 }, { "remote-control", 93 },
	{ "residential-proxies", 59 }, { "sect", 2 },
	{ "sexual_education", 63 }, { "shopping", 42 },
	{ "shortener", 97 }, { "social_networks", 37 },
	{ "socialnet", 37 }, { "special", 82 }, { "sports", 46 },
	{ "stalkerware", 26 }, { "spyware", 26 }, { "tricheur", 62 },
	{ "tricheur_pix", 62 }, { "update", 52 }, { "vpn", 59 },
	{ "warez", 4 }, { "webhosting", 56 }, { "webmail", 23 },
	{ "webtv", 25 }, { "dynamic-dns", 88 }, { "ai", 100 },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

const char *
wad_url_cate_name(const struct wad_conf *conf, uint16_t number)
{
	for (size_t i = 0; conf != NULL && i < conf->n_local_cats; i++)
		if (conf->local_cats[i].id == number)
			return conf->local_cats[i].name;
	for (size_t i = 0; conf != NULL && i < conf->n_feeds; i++)
		if (conf->feeds[i].category == number && number != 0)
			return conf->feeds[i].name;
	for (size_t i = 0; i < N(categories); i++)
		if (categories[i].number == number)
			return categories[i].name;
	return "Unknown";
}

int
wad_url_cate_number(const char *s)
{
	char	*end;
	long	 n;

	if (*s >= '0' && *s <= '9') {
		n = strtol(s, &end, 10);
		return *end == '\0' && n <= 255 ? (int)n : -1;
	}
	for (size_t i = 0; i < N(categories); i++)
		if (strcasecmp(categories[i].name, s) == 0)
			return categories[i].number;
	return -1;
}

int
wad_category_of_folder(const char *folder)
{
	for (size_t i = 0; i < N(folders); i++)
		if (strcasecmp(folders[i].folder, folder) == 0)
			return folders[i].number;
	return wad_url_cate_number(folder);
}

const struct wad_category *
wad_category_table(size_t *n)
{
	*n = N(categories);
	return categories;
}

const char *
wad_category_group(unsigned g)
{
	return g < N(groups) ? groups[g] : "?";
}

bool
wad_category_is_security_risk(uint16_t number)
{
	for (size_t i = 0; i < N(categories); i++)
		if (categories[i].number == number)
			return categories[i].group == GROUP_SECURITY_RISK;
	return false;
}
