/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From files to a sealed text and a vault of keys.  Everything wrong is
 * collected; nothing is half done.  This code runs in a child that lives
 * only as long as this takes, and in `openwad -t`.
 */
#include "main/files.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"
#include "conf/conf_check.h"
#include "conf/conf_parse.h"
#include "conf/conf_schema.h"
#include "conf/conf_show.h"
#include "ipc/msg.h"
#include "ipc/shm.h"
#include "main/page_files.h"
#include "main/sockets.h"
#include "url/url.h"
#include "x509/x509_build.h"
#include "x509/x509_read.h"

enum { PEM_FILE_MAX = 1 << 20, TEXT_MAX = WAD_CONF_TEXT_MAX,
	PATH_SIZE = 4096, TRUST_MAX = 16 << 20 };
#define TRUST_BUNDLE	"/etc/ssl/certs/ca-certificates.crt"

struct loading {
	const struct wad_paths	*paths;
	enum wad_files_mode	 mode;
	struct wad_conf_tree	*tree;
	struct wad_conf_errs	 errs;
	struct wad_str		 vault;		/* name\0 cert\0 key\0 ... */
	bool			 exposed;	/* others may read the file */
	bool			 inline_keys;
};

/* Forgets a text that may hold a key. */
static void
wipe(char *s)
{
	if (s == NULL)
		return;
	OPENSSL_cleanse(s, strlen(s));
	free(s);
}

/* All that comes from fd, up to max: a pipe does not know its size.  What
 * was read may be a key, so no copy of it is left behind. */
static char *
read_all(int fd, size_t hint, size_t max, size_t *len)
{
	size_t	 cap = hint + 1, n = 0;
	char	*buf = wad_xmalloc(cap + 1), *more;
	ssize_t	 r;

	while ((r = read(fd, buf + n, cap - n)) != 0) {
		if (r == -1 && errno == EINTR)
			continue;
		if (r > 0)
			n += (size_t)r;
		if (r > 0 && n > max)
			errno = EFBIG;
		if (r == -1 || n > max) {
			int e = errno;

			OPENSSL_cleanse(buf, n);
			free(buf);
			errno = e;
			return NULL;
		}
		if (n < cap)
			continue;
		more = wad_xmalloc(cap * 2 + 4096);
		memcpy(more, buf, n);
		OPENSSL_cleanse(buf, n);
		free(buf);
		buf = more;
		cap = cap * 2 + 4095;
	}
	buf[n] = '\0';
	*len = n;
	return buf;
}

/* A whole file; NULL with errno.  *st is filled when it could be opened. */
static char *
read_file(const char *path, size_t max, struct stat *st, size_t *len)
{
	char	*buf;
	int	 e, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
	    O_NONBLOCK);

	memset(st, 0, sizeof(*st));
	if (fd == -1)
		return NULL;
	if (fstat(fd, st) == -1 || (!S_ISREG(st->st_mode) &&
	    !S_ISFIFO(st->st_mode) && !S_ISCHR(st->st_mode))) {
		close(fd);
		errno = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
		return NULL;
	}
	if (st->st_size < 0 || (size_t)st->st_size > max) {
		close(fd);
		errno = EFBIG;
		return NULL;
	}
	/* Only the open must not wait for a writer; the text may. */
	(void)fcntl(fd, F_SETFL, 0);
	buf = read_all(fd, (size_t)st->st_size, max, len);
	e = errno;
	close(fd);
	errno = e;
	return buf;
}

static int
set_line(const struct wad_conf_node *n, const char *name)
{
	const struct wad_conf_set *s = wad_conf_node_get(n, name);

	return s != NULL ? s->line : n->line;
}

static const char *
set_value(const struct wad_conf_node *n, const char *name)
{
	const struct wad_conf_set *s = wad_conf_node_get(n, name);

	return s != NULL && s->n_values > 0 && s->values[0][0] != '\0' ?
	    s->values[0] : NULL;
}

#define ERR(ld, line, ...)						\
	wad_conf_errs_add(&(ld)->errs, (ld)->tree->file, line, __VA_ARGS__)

/* FILE as it is when absolute, else in the certificate folder, else beside
 * the configuration file. */
static void
find_path(const struct loading *ld, const char *file, char *path)
{
	char dir[PATH_SIZE];

	if (file[0] == '/') {
		snprintf(path, PATH_SIZE, "%s", file);
		return;
	}
	snprintf(path, PATH_SIZE, "%s/%s", ld->paths->certs, file);
	if (access(path, F_OK) == 0)
		return;
	snprintf(dir, sizeof(dir), "%s", ld->paths->conf);
	if (snprintf(path, PATH_SIZE, "%s/%s", dirname(dir), file) >=
	    PATH_SIZE)
		path[0] = '\0';
}

/* A PEM file; NULL with an error.  A secret one must not be readable by
 * everybody. */
static char *
read_pem(struct loading *ld, const char *file, bool secret, int line)
{
	char		 path[PATH_SIZE];
	struct stat	 st;
	size_t		 len;
	char		*text;

	find_path(ld, file, path);
	text = read_file(path, PEM_FILE_MAX, &st, &len);
	if (text == NULL) {
		ERR(ld, line, "%s %s cannot be read: %s; put the file there "
		    "or name another", secret ? "key file" : "file", path,
		    strerror(errno));
		return NULL;
	}
	if (secret && (st.st_mode & 0007) != 0) {
		ERR(ld, line, "key file %s can be read by everybody; run "
		    "chmod 600 %s, and replace the key if it was seen", path,
		    path);
		wipe(text);
		return NULL;
	}
	return text;
}

struct pass { const char *word; bool asked; };

static int
on_password(char *buf, int size, int rw, void *arg)
{
	struct pass	*p = arg;
	size_t		 n;

	(void)rw;
	p->asked = true;
	if (p->word == NULL || (n = strlen(p->word)) > (size_t)size)
		return -1;
	memcpy(buf, p->word, n);
	return (int)n;
}

/* The key of PEM text; NULL with an error. */
static EVP_PKEY *
parse_key(struct loading *ld, const char *what, const char *pem,
    const char *password, int line)
{
	struct pass	 p = { .word = password };
	BIO		*bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY	*key = NULL;

	WAD_ASSERT(bio != NULL);
	key = PEM_read_bio_PrivateKey(bio, NULL, on_password, &p);
	BIO_free(bio);
	ERR_clear_error();
	if (key == NULL)
		ERR(ld, line, "the private key of %s %s", what,
		    !p.asked ? "is not a key in PEM form" : password == NULL ?
		    "is encrypted; give its password with 'set password'" :
		    "cannot be decrypted: the password is wrong");
	return key;
}

/* The key without its password, for wad-keys. */
static char *
key_pem(EVP_PKEY *key)
{
	BIO	*bio = BIO_new(BIO_s_secmem());
	char	*data, *out = NULL;
	long	 n;

	if (bio == NULL)
		return NULL;
	if (PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL,
	    NULL) == 1 && (n = BIO_get_mem_data(bio, &data)) > 0)
		out = wad_xstrndup(data, (size_t)n);
	BIO_free(bio);
	return out;
}

static void
vault_add(struct loading *ld, const char *name, const char *cert,
    const char *key)
{
	wad_str_addn(&ld->vault, name, strlen(name) + 1);
	wad_str_addn(&ld->vault, cert, strlen(cert) + 1);
	wad_str_addn(&ld->vault, key, strlen(key) + 1);
}

/* A pair that was read: checks that it belongs together, puts the key into
 * the vault and the certificate into the entry.  key NULL: none. */
static void
add_pair(struct loading *ld, struct wad_conf_node *entry, const char *cert,
    const char *key, const char *password, int line)
{
	static const char *const on[] = { "enable" };
	const char	*name = entry->name, *v[1];
	char		 err[256], *pem;
	STACK_OF(X509)	*chain;
	EVP_PKEY	*pkey;

	chain = wad_x509_read_pem(cert, strlen(cert), err, sizeof(err));
	if (chain == NULL) {
		ERR(ld, line, "certificate %s: %s", name, err);
		return;
	}
	v[0] = cert;
	wad_conf_node_set(entry, "_certificate", v, 1);
	if (key != NULL &&
	    (pkey = parse_key(ld, name, key, password, line)) != NULL) {
		if (X509_check_private_key(sk_X509_value(chain, 0),
		    pkey) != 1) {
			ERR(ld, line, "certificate %s and its private key do "
			    "not belong together; give the key that the "
			    "certificate was made with", name);
		} else if ((pem = key_pem(pkey)) != NULL) {
			vault_add(ld, name, cert, pem);
			wad_conf_node_set(entry, "_has-key", on, 1);
			wipe(pem);
		} else {
			ERR(ld, line, "the private key of %s cannot be "
			    "written", name);
		}
		EVP_PKEY_free(pkey);
	}
	ERR_clear_error();
	sk_X509_pop_free(chain, X509_free);
}

/* One entry of `vpn certificate local`. */
static void
load_local(struct loading *ld, struct wad_conf_node *e)
{
	const char	*cert = set_value(e, "certificate");
	const char	*key = set_value(e, "private-key");
	const char	*cert_file = set_value(e, "certificate-file");
	const char	*key_file = set_value(e, "private-key-file");
	const struct wad_conf_set *pw = wad_conf_node_get(e, "password");
	const char	*password = set_value(e, "password");
	char		*cert_own = NULL, *key_own = NULL;
	int		 line = e->line;

	if (cert == NULL && cert_file != NULL) {
		cert = cert_own = read_pem(ld, cert_file, false,
		    set_line(e, "certificate-file"));
		if (cert == NULL)
			return;
	}
	if (key == NULL && key_file != NULL) {
		line = set_line(e, "private-key-file");
		key = key_own = read_pem(ld, key_file, true, line);
	} else if (key != NULL && ((pw != NULL && pw->n_values > 1 &&
	    strcmp(pw->values[0], "ENC") == 0) ||
	    strncmp(key, "ENC", 3) == 0)) {
		/* Sealed with a secret of the device it comes from. */
		wad_str_addf(&ld->errs.ignored, "ignored: config vpn "
		    "certificate local / %s / private-key (its password is "
		    "encrypted by another device)\n", e->name);
		key = NULL;
	} else if (key != NULL) {
		line = set_line(e, "private-key");
		ld->inline_keys = true;
	}
	if (cert == NULL && key != NULL)
		ERR(ld, line, "%s has a private key but no certificate; add "
		    "'set certificate' or 'set certificate-file'", e->name);
	else if (cert != NULL)
		add_pair(ld, e, cert, key, password, line);
	wipe(cert_own);
	wipe(key_own);
}

static void
load_ca(struct loading *ld, struct wad_conf_node *e)
{
	const char	*pem = set_value(e, "ca"), *v[1];
	const char	*file = set_value(e, "ca-file");
	char		*own = NULL, err[256];
	int		 line = set_line(e, pem != NULL ? "ca" : "ca-file");
	STACK_OF(X509)	*chain;

	if (pem == NULL && file != NULL)
		pem = own = read_pem(ld, file, false, line);
	if (pem == NULL)
		return;
	chain = wad_x509_read_pem(pem, strlen(pem), err, sizeof(err));
	if (chain == NULL) {
		ERR(ld, line, "CA certificate %s: %s", e->name, err);
	} else {
		v[0] = pem;
		wad_conf_node_set(e, "_ca", v, 1);
		sk_X509_pop_free(chain, X509_free);
	}
	free(own);
}

/* How many lists PEM text holds, up to what is not one. */
static unsigned
count_crls(const char *pem)
{
	BIO		*bio = BIO_new_mem_buf(pem, -1);
	X509_CRL	*crl;
	unsigned	 n = 0;

	WAD_ASSERT(bio != NULL);
	while ((crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
		X509_CRL_free(crl);
		n++;
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		n = 0;
	ERR_clear_error();
	BIO_free(bio);
	return n;
}

static void
load_crl(struct loading *ld, struct wad_conf_node *e)
{
	const char	*pem = set_value(e, "crl"), *v[1];
	const char	*file = set_value(e, "crl-file");
	int		 line = set_line(e, pem != NULL ? "crl" : "crl-file");
	char		*own = NULL;

	if (pem == NULL && file != NULL)
		pem = own = read_pem(ld, file, false, line);
	if (pem == NULL)
		return;
	v[0] = pem;
	if (count_crls(pem) > 0)
		wad_conf_node_set(e, "_crl", v, 1);
	else
		ERR(ld, line, "CRL %s: not a list of revoked certificates in "
		    "PEM form; of a binary one 'openssl crl -inform DER' "
		    "makes it", e->name);
	free(own);
}

/* wad_conf_cert_names calls this: a name that no entry defines may be a
 * pair of files.  What is not there is reported by the check of names. */
static void
on_cert_name(void *arg, const char *name, const char *file, int line)
{
	struct loading		*ld = arg;
	struct wad_conf_node	*e;
	static const char *const on[] = { "enable" };
	char	 path[PATH_SIZE], keypath[PATH_SIZE];
	char	*cert, *key = NULL;

	(void)file;
	if (strchr(name, '/') != NULL || name[0] == '.' ||
	    strcmp(name, WAD_CA_SSL) == 0 ||
	    strcmp(name, WAD_CA_UNTRUSTED) == 0 ||
	    wad_conf_node_find(ld->tree, "vpn certificate local", name,
	    NULL) != NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.crt", ld->paths->certs, name);
	if (access(path, F_OK) == -1)
		return;
	cert = read_pem(ld, path, false, line);
	if (cert == NULL)
		return;
	snprintf(keypath, sizeof(keypath), "%s/%s.key", ld->paths->certs,
	    name);
	key = read_pem(ld, keypath, true, line);
	e = wad_conf_node_make(ld->tree, "vpn certificate local", name);
	wad_conf_node_set(e, "_builtin", on, 1);
	add_pair(ld, e, cert, key, NULL, line);
	wipe(cert);
	wipe(key);
}

/* the CAs of the first start */

static int
write_file(const char *path, const char *text, size_t len, mode_t mode)
{
	char	tmp[PATH_SIZE];
	int	fd;
	size_t	done = 0;
	ssize_t n;

	if (snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= (int)sizeof(tmp))
		return -1;
	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    mode);
	if (fd == -1)
		return -1;
	while (done < len && (n = write(fd, text + done, len - done)) > 0)
		done += (size_t)n;
	if (done < len || fchmod(fd, mode) == -1 || fsync(fd) == -1 ||
	    close(fd) == -1 || rename(tmp, path) == -1) {
		(void)unlink(tmp);
		return -1;
	}
	return 0;
}

static char *
cert_pem(X509 *x)
{
	BIO	*bio = BIO_new(BIO_s_mem());
	char	*data, *out = NULL;
	long	 n;

	if (bio != NULL && PEM_write_bio_X509(bio, x) == 1 &&
	    (n = BIO_get_mem_data(bio, &data)) > 0)
		out = wad_xstrndup(data, (size_t)n);
	BIO_free(bio);
	return out;
}

static int
make_ca(const struct loading *ld, const char *name, char **cert, char **key)
{
	char		 cn[128], host[65] = "gateway", path[PATH_SIZE];
	X509		*x = NULL;
	EVP_PKEY	*pkey = NULL;
	int		 rc = -1;

	/* Two gateways must not have CAs that look the same. */
	(void)gethostname(host, sizeof(host) - 1);
	snprintf(cn, sizeof(cn), "%s %.32s", name, host);
	*cert = *key = NULL;
	if (wad_x509_build_ca(cn, &x, &pkey) == -1)
		return -1;
	*cert = cert_pem(x);
	*key = key_pem(pkey);
	if (*cert != NULL && *key != NULL)
		rc = 0;
	if (rc == 0 && ld->mode == WAD_FILES_RUN) {
		snprintf(path, sizeof(path), "%s/%s.key", ld->paths->state,
		    name);
		rc = write_file(path, *key, strlen(*key), 0600);
		snprintf(path, sizeof(path), "%s/%s.crt", ld->paths->state,
		    name);
		if (rc == 0)
			rc = write_file(path, *cert, strlen(*cert), 0644);
	}
	X509_free(x);
	EVP_PKEY_free(pkey);
	return rc;
}

static void
load_builtin(struct loading *ld, const char *name)
{
	static const char *const on[] = { "enable" };
	struct wad_conf_node	*e;
	char	 crt[PATH_SIZE], keyfile[PATH_SIZE], *cert, *key;

	if (wad_conf_node_find(ld->tree, "vpn certificate local", name,
	    NULL) != NULL)
		return;			/* the administrator's own */
	snprintf(crt, sizeof(crt), "%s/%s.crt", ld->paths->state, name);
	snprintf(keyfile, sizeof(keyfile), "%s/%s.key", ld->paths->state,
	    name);
	if (access(crt, F_OK) == -1 && access(keyfile, F_OK) == -1 &&
	    errno == ENOENT) {
		if (make_ca(ld, name, &cert, &key) == -1) {
			ERR(ld, 0, "the CA %s cannot be made in %s: %s", name,
			    ld->paths->state, strerror(errno));
			wipe(cert);
			wipe(key);
			return;
		}
	} else {
		cert = read_pem(ld, crt, false, 0);
		key = cert != NULL ? read_pem(ld, keyfile, true, 0) : NULL;
		if (cert == NULL || key == NULL)
			ERR(ld, 0, "the CA %s is in two files; restore them "
			    "from a backup, or remove both: a new CA is made, "
			    "which clients do not trust yet", name);
	}
	if (cert != NULL && key != NULL) {
		e = wad_conf_node_make(ld->tree, "vpn certificate local",
		    name);
		wad_conf_node_set(e, "_builtin", on, 1);
		add_pair(ld, e, cert, key, NULL, 0);
	}
	wipe(cert);
	wipe(key);
}

/* results */

/* Compares secrets that nobody may see: a keyed hash of the values, the key
 * of this run only.  Made before the child is. */
static uint8_t	 print_key[32];

static char *
print_of(const struct wad_conf_set *s)
{
	struct wad_str	 all = { 0 }, hex = { 0 };
	uint8_t		 md[32];
	unsigned	 len = 0;

	for (size_t i = 0; i < s->n_values; i++)
		wad_str_addn(&all, s->values[i], strlen(s->values[i]) + 1);
	if (HMAC(EVP_sha256(), print_key, sizeof(print_key),
	    (const uint8_t *)all.s, all.len, md, &len) == NULL)
		len = 0;
	for (unsigned i = 0; i < len; i++)
		wad_str_addf(&hex, "%02x", md[i]);
	OPENSSL_cleanse(all.s, all.cap);
	wad_str_free(&all);
	return wad_str_take(&hex);
}

/* Secrets become the word ENC, and their prints behind it where they are to
 * be compared. */
static void
hide_secrets(struct wad_conf_node *n, const struct wad_conf_table *in,
    bool prints)
{
	for (; n != NULL; n = n->next) {
		const struct wad_conf_table *t = n->is_edit ? in :
		    in == NULL ? wad_conf_schema_table(n->name) :
		    wad_conf_schema_below(in, n->name);

		for (struct wad_conf_set *s = n->sets; s != NULL;
		    s = s->next) {
			char *print = NULL;

			if (s->n_values == 0 || !wad_conf_show_secret(t, s))
				continue;
			if (prints)
				print = print_of(s);
			for (size_t i = 0; i < s->n_values; i++)
				wipe(s->values[i]);
			if (prints)
				s->values = wad_xrealloc(s->values, 2,
				    sizeof(*s->values));
			s->values[0] = wad_xstrdup("ENC");
			if (prints)
				s->values[1] = print;
			s->n_values = prints ? 2 : 1;
		}
		hide_secrets(n->children, t, prints);
	}
}

static int
seal(const char *name, const struct wad_str *s)
{
	return wad_shm_seal_text(name, s->s != NULL ? s->s : "", s->len);
}

static int
seal_shown(const struct wad_conf_tree *tree, bool full)
{
	struct wad_conf_show	how = { .full = full };
	struct wad_str		s = { 0 };
	int			fd = -1;

	if (wad_conf_show(tree, NULL, how, &s) == 0)
		fd = seal("shown", &s);
	wad_str_free(&s);
	return fd;
}

/* What one role needs beside the sealed text. */
static int
seal_secrets(const struct wad_conf_tree *tree, enum wad_conf_secret kind)
{
	struct wad_conf_show	 how = { .raw = true };
	struct wad_conf_tree	*some = wad_conf_secret_take(tree, kind);
	struct wad_str		 s = { 0 };
	int			 fd = -1;

	if (wad_conf_show(some, NULL, how, &s) == 0)
		fd = seal("secrets", &s);
	if (s.s != NULL)
		OPENSSL_cleanse(s.s, s.cap);
	wad_str_free(&s);
	wad_conf_tree_free(some);
	return fd;
}

/* The edited tree as FILE.new; keys in it make it private. */
static int
write_new(struct loading *ld, const struct wad_conf_tree *tree, mode_t mode)
{
	struct wad_conf_show	how = { .raw = true };
	struct wad_str		s = { 0 };
	char			path[PATH_SIZE];
	int			rc = -1;

	snprintf(path, sizeof(path), "%s.new", ld->paths->conf);
	mode &= 07777;
	if (ld->inline_keys)
		mode &= ~(mode_t)077;
	if (wad_conf_show(tree, NULL, how, &s) == 0)
		rc = write_file(path, s.s != NULL ? s.s : "", s.len, mode);
	if (s.s != NULL)
		OPENSSL_cleanse(s.s, s.len);
	wad_str_free(&s);
	if (rc == -1)
		ERR(ld, 0, "%s cannot be written: %s", path, strerror(errno));
	return rc;
}

/* The roots of the system; without them only `vpn certificate ca` counts. */
static int
seal_trust(struct loading *ld)
{
	struct stat	 st;
	size_t		 len;
	char		*text = read_file(TRUST_BUNDLE, TRUST_MAX, &st, &len);
	const char	*lack = text == NULL ? strerror(errno) : NULL;
	X509_STORE	*store = X509_STORE_new();
	int		 fd = -1;

	if (lack == NULL && store != NULL &&
	    wad_x509_read_bundle(store, text, len) == -1)
		lack = "there is no certificate in it";
	X509_STORE_free(store);
	if (lack == NULL)
		fd = wad_shm_seal_text("trust", text, len);
	else
		wad_str_addf(&ld->errs.ignored, "warning: %s cannot be read: "
		    "%s; install the package ca-certificates or run "
		    "update-ca-certificates, or no public server is trusted\n",
		    TRUST_BUNDLE, lack);
	free(text);
	return fd;
}

/* Workers open it again, and refuse what is no database. */
static void
check_category_db(struct loading *ld, const char *db)
{
	struct wad_url_db	*map;
	char			 err[512];
	int			 fd;

	if (db == NULL || db[0] == '\0')
		return;
	fd = open(db, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1) {
		wad_str_addf(&ld->errs.ignored, WAD_FILES_NO_CATDB "\n", db,
		    strerror(errno));
		return;
	}
	if (ld->mode != WAD_FILES_CHECK) {
		close(fd);
		return;
	}
	map = wad_url_db_open(fd, err, sizeof(err));
	if (map == NULL)
		ERR(ld, 0, "category-db %s: %s; make it again or unset it", db,
		    err);
	wad_url_db_close(map);
}

/* `openwad -t` tells what the start would: what is not an error, but keeps
 * the gateway from doing what the file says. */
static void
check_machine(struct loading *ld, const struct wad_conf *conf)
{
	struct wad_inspected_list	 l;
	struct wad_url_rules		*rules;
	char				 err[512];

	rules = wad_url_rules_new(conf, err, sizeof(err));
	if (rules == NULL)
		ERR(ld, 0, "%s", err);
	wad_url_rules_free(rules);
	if (conf->settings.transparent == WAD_TRANSPARENT_DISABLE)
		return;
	wad_sockets_inspected_here(conf, &l, &ld->errs.ignored);
	wad_sockets_inspected_free(&l);
}

static void
load_certs(struct loading *ld)
{
	struct wad_conf_node *t, *e;

	t = wad_conf_node_find(ld->tree, "vpn certificate local", NULL, NULL);
	for (e = t != NULL ? t->children : NULL; e != NULL; e = e->next)
		if (e->is_edit)
			load_local(ld, e);
	t = wad_conf_node_find(ld->tree, "vpn certificate ca", NULL, NULL);
	for (e = t != NULL ? t->children : NULL; e != NULL; e = e->next)
		if (e->is_edit)
			load_ca(ld, e);
	t = wad_conf_node_find(ld->tree, "vpn certificate crl", NULL, NULL);
	for (e = t != NULL ? t->children : NULL; e != NULL; e = e->next)
		if (e->is_edit)
			load_crl(ld, e);
	wad_conf_cert_names(ld->tree, on_cert_name, ld);
	load_builtin(ld, WAD_CA_SSL);
	load_builtin(ld, WAD_CA_UNTRUSTED);
}

/* Tree to results; the tree of the file is kept as it was for show. */
static void
finish(struct loading *ld, struct wad_load *out, const char *script,
    mode_t mode)
{
	struct wad_conf_show	 how = { .raw = true };
	struct wad_conf_tree	*own = wad_conf_tree_dup(ld->tree);
	struct wad_conf		*conf;
	struct wad_str		 text = { 0 };

	load_certs(ld);
	wad_page_files_read(ld->tree, &ld->errs.ignored);
	if (ld->exposed && ld->inline_keys && script == NULL)
		ERR(ld, 0, "holds a private key and can be read by everybody; "
		    "run chmod 600 %s, and replace the key if it was seen",
		    ld->paths->conf);
	conf = wad_conf_build(ld->tree, wad_x509_read_facts, &ld->errs);
	if (conf != NULL)
		check_category_db(ld, conf->settings.category_db);
	if (conf != NULL && ld->mode == WAD_FILES_CHECK)
		check_machine(ld, conf);
	if (conf != NULL)
		wad_page_files_check(conf, &ld->errs.ignored);
	wad_conf_put(conf);
	if (ld->errs.n > 0 || conf == NULL)
		goto out;
	if (script != NULL) {
		if (write_new(ld, own, mode) == -1)
			goto out;
		out->edited = true;
	}
	for (int i = 0; i < WAD_SECRETS; i++)
		out->secret_fd[i] = seal_secrets(ld->tree,
		    (enum wad_conf_secret)i);
	hide_secrets(ld->tree->tables, NULL, false);
	if (wad_conf_show(ld->tree, NULL, how, &text) == -1)
		goto out;
	out->sealed_fd = seal("configuration", &text);
	out->shown_fd = seal_shown(own, false);
	out->full_fd = seal_shown(own, true);
	out->vault_fd = seal("vault", &ld->vault);
	hide_secrets(own->tables, NULL, true);
	wad_str_free(&text);
	if (wad_conf_show(own, NULL, how, &text) == 0)
		out->audit_fd = seal("audit", &text);
	out->trust_fd = seal_trust(ld);
	out->ok = out->sealed_fd != -1 && out->shown_fd != -1 &&
	    out->full_fd != -1 && out->vault_fd != -1 && out->audit_fd != -1;
	for (int i = 0; i < WAD_SECRETS; i++)
		out->ok = out->ok && out->secret_fd[i] != -1;
	if (!out->ok)
		ERR(ld, 0, "no memory for the configuration: %s",
		    strerror(errno));
out:
	wad_str_free(&text);
	wad_conf_tree_free(own);
}

struct wad_load *
wad_files_load(const struct wad_paths *paths, const char *script,
    enum wad_files_mode mode)
{
	struct loading	 ld = { .paths = paths, .mode = mode,
		.errs = { .whole = true } };
	struct wad_load	*out = wad_files_load_new();
	struct stat	 st;
	size_t		 len;
	char		*text;

	text = read_file(paths->conf, TEXT_MAX, &st, &len);
	if (text == NULL) {
		wad_conf_errs_add(&ld.errs, paths->conf, 0, "cannot be read: "
		    "%s; name another file with -c FILE", strerror(errno));
	} else {
		ld.exposed = (st.st_mode & 0007) != 0;
		ld.tree = wad_conf_parse(paths->conf, text, len, &ld.errs);
		OPENSSL_cleanse(text, len);
		free(text);
		if (script == NULL || (ld.errs.n == 0 &&
		    wad_conf_edit(ld.tree, WAD_CONF_CONSOLE, script, strlen(script),
		    &ld.errs) == 0))
			finish(&ld, out, script, st.st_mode);
	}
	if (!out->ok && ld.errs.n == 0)
		wad_conf_errs_add(&ld.errs, paths->conf, 0,
		    "cannot be loaded");
	/* The errors last: a backup of a FortiGate has many other lines. */
	if (ld.errs.text.s != NULL)
		wad_str_add(&ld.errs.ignored, ld.errs.text.s);
	out->report_fd = seal("report", &ld.errs.ignored);
	if (ld.errs.n > 0)
		out->ok = false;
	wad_conf_tree_free(ld.tree);
	wad_conf_errs_free(&ld.errs);
	if (ld.vault.s != NULL)
		OPENSSL_cleanse(ld.vault.s, ld.vault.cap);
	wad_str_free(&ld.vault);
	return out;
}

int
wad_files_init(void)
{
	return getrandom(print_key, sizeof(print_key), 0) ==
	    (ssize_t)sizeof(print_key) ? 0 : -1;
}

struct wad_load *
wad_files_load_new(void)
{
	struct wad_load *l = wad_xcalloc(1, sizeof(*l));

	l->report_fd = l->sealed_fd = l->shown_fd = l->full_fd =
	    l->vault_fd = l->audit_fd = l->trust_fd = -1;
	for (int i = 0; i < WAD_SECRETS; i++)
		l->secret_fd[i] = -1;
	return l;
}

void
wad_files_load_free(struct wad_load *l)
{
	if (l == NULL)
		return;

	const int fds[] = { l->report_fd, l->sealed_fd, l->shown_fd,
	    l->full_fd, l->vault_fd, l->audit_fd, l->trust_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] != -1)
			close(fds[i]);
	for (int i = 0; i < WAD_SECRETS; i++)
		if (l->secret_fd[i] != -1)
			close(l->secret_fd[i]);
	free(l);
}

char *
wad_files_text(int fd)
{
	size_t		 len;
	const char	*p = fd != -1 ? wad_shm_map_text(fd, &len) : NULL;
	char		*s;

	if (p == NULL)
		return wad_xstrdup("");
	s = wad_xstrndup(p, len);
	wad_shm_unmap(p, len);
	return s;
}

int
wad_files_feed(int vault_fd, int chan_fd, unsigned long long gen)
{
	size_t		 len;
	const char	*p = wad_shm_map_text(vault_fd, &len), *end;
	int		 rc = 0;

	if (p == NULL)
		return -1;
	for (end = p + len; p < end && rc == 0;) {
		struct wad_msg	m;
		int		i;

		wad_msg_init(&m, WAD_MSG_KEY_ADD, 0);
		wad_msg_add_u64(&m, gen);
		for (i = 0; i < 3 && p < end; i++, p += strlen(p) + 1)
			wad_msg_add_str(&m, p);
		rc = wad_msg_send_wait(chan_fd, &m);
		wad_msg_free(&m);
	}
	return rc;
}

int
wad_files_replace(const char *file, char *err, size_t size)
{
	char	fresh[PATH_SIZE], bak[PATH_SIZE], dir[PATH_SIZE];
	int	fd;

	snprintf(fresh, sizeof(fresh), "%s.new", file);
	snprintf(bak, sizeof(bak), "%s.bak", file);
	snprintf(dir, sizeof(dir), "%s", file);
	/* FILE exists at every moment: the backup is a second name first. */
	(void)unlink(bak);
	if (link(file, bak) == -1 && errno != ENOENT) {
		snprintf(err, size, "%s cannot be made: %s", bak,
		    strerror(errno));
		return -1;
	}
	if (rename(fresh, file) == -1) {
		snprintf(err, size, "%s cannot be replaced: %s", file,
		    strerror(errno));
		return -1;
	}
	fd = open(dirname(dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1) {
		(void)fsync(fd);
		close(fd);
	}
	return 0;
}
