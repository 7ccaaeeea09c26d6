/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of translations, see page_files.h.
 *
 * Called by main/files.c.
 */
#include "main/page_files.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "conf/conf_parse.h"
#include "http/page.h"

#define SETTINGS	"openwad settings"
#define INSTALLED	PKGDATADIR "/pages"

/* The text of a file, or NULL with errno. */
static char *
read_text(int dir, const char *name)
{
	char	*text;
	ssize_t	 n;
	int	 e, fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK |
	    O_NOCTTY);
	struct stat st;

	if (fd == -1)
		return NULL;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_size > WAD_PAGE_FILE) {
		close(fd);
		errno = st.st_size > WAD_PAGE_FILE ? EFBIG : EINVAL;
		return NULL;
	}
	text = wad_xcalloc(1, WAD_PAGE_FILE + 1);
	n = read(fd, text, WAD_PAGE_FILE);
	e = errno;
	close(fd);
	errno = e;
	if (n >= 0)
		return text;
	free(text);
	return NULL;
}

static int
is_text(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return e->d_name[0] != '.' && len > 4 &&
	    strcmp(e->d_name + len - 4, ".txt") == 0;
}

/* One file; false when it is left out. */
static bool
read_one(int dir, const char *path, const char *name, char **tag, char **text,
    struct wad_str *told)
{
	char			*file = wad_xasprintf("%s/%s", path, name);
	struct wad_str		 wrong = { 0 };

	*tag = wad_xstrndup(name, strlen(name) - 4);
	*text = NULL;
	if (!wad_page_lang_tag_ok(*tag))
		wad_str_addf(told, "warning: page-dir: %s: its name is no "
		    "language; expected de.txt, pt-BR.txt...\n", file);
	else if ((*text = read_text(dir, name)) == NULL)
		wad_str_addf(told, "warning: page-dir: %s: %s\n", file,
		    errno == EFBIG ? "larger than a translation can be" :
		    strerror(errno));
	else
		wad_page_lang_free(wad_page_lang_new(*tag, *text, file,
		    &wrong));
	for (char *s = wrong.s; s != NULL && *s != '\0';) {
		size_t n = strcspn(s, "\n");

		wad_str_addf(told, "warning: page-dir: %.*s\n", (int)n, s);
		s += n + (s[n] != '\0');
	}
	wad_str_free(&wrong);
	free(file);
	if (*text != NULL)
		return true;
	free(*tag);
	return false;
}

void
wad_page_files_read(struct wad_conf_tree *tree, struct wad_str *told)
{
	struct wad_conf_node	 *n = wad_conf_node_find(tree, SETTINGS, NULL,
	    NULL);
	const struct wad_conf_set *set = n != NULL ? wad_conf_node_get(n,
	    "page-dir") : NULL;
	bool			  chosen = set != NULL && set->n_values > 0;
	const char		 *path = chosen ? set->values[0] : INSTALLED;
	struct dirent		**list = NULL;
	char			 *v[2 * WAD_PAGE_LANGS];
	size_t			  n_v = 0;
	int			  dir, n_list;

	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n_list = dir != -1 ? scandirat(dir, ".", &list, is_text, alphasort) :
	    -1;
	if (n_list == -1 && chosen)
		wad_str_addf(told, "warning: page-dir %s cannot be read: %s; "
		    "pages are in English\n", path, strerror(errno));
	for (int i = 0; i < n_list; i++) {
		if (n_v == 2 * WAD_PAGE_LANGS)
			wad_str_addf(told, "warning: page-dir %s: more than "
			    "%d languages: %s is left out\n", path,
			    WAD_PAGE_LANGS, list[i]->d_name);
		else if (read_one(dir, path, list[i]->d_name, &v[n_v],
		    &v[n_v + 1], told))
			n_v += 2;
		free(list[i]);
	}
	free(list);
	if (dir != -1)
		close(dir);
	if (n_v > 0)
		wad_conf_node_set(wad_conf_node_make(tree, SETTINGS, NULL),
		    "_page-texts", (const char *const *)v, n_v);
	while (n_v > 0)
		free(v[--n_v]);
}

static void
check_pages(const struct wad_pages *p, const char *where, struct wad_str *told)
{
	struct wad_str wrong = { 0 };

	for (size_t i = 0; i < p->n_texts; i++) {
		const struct wad_page_text *t = &p->texts[i];

		if (t->text == NULL)
			continue;
		wrong.len = 0;
		if (!wad_page_known(t->kind, t->type))
			wad_str_add(&wrong, "openwad has no such page");
		else
			wad_page_check(t->type, t->text, t->html, &wrong);
		if (wrong.len > 0)
			wad_str_addf(told, "warning: %s%s %s %s: %s\n", where,
			    p->name, t->kind, t->type, wrong.s);
	}
	wad_str_free(&wrong);
}

void
wad_page_files_check(const struct wad_conf *conf, struct wad_str *told)
{
	check_pages(&conf->pages, "system replacemsg", told);
	for (size_t i = 0; i < conf->n_page_groups; i++)
		check_pages(&conf->page_groups[i],
		    "system replacemsg-group ", told);
}
