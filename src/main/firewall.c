/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nft and ip, run with fixed words and fed on standard input.  Names of
 * devices come from the kernel or are checked before they stand in a rule.
 */
#include "main/firewall.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "main/main.h"

enum { OUTPUT_MAX = 2048, NOT_FOUND = 127 };

void
wad_firewall_id(struct wad_firewall_id *id, const char *rundir)
{
	unsigned long long h;

	if (rundir == NULL) {
		snprintf(id->table, sizeof(id->table), "openwad");
		id->mark = 0x6f770000;
		id->route_table = 28535;
		id->pref = 8443;
		return;
	}
	h = wad_str_hash(0, rundir, strlen(rundir));
	h ^= h >> 32;
	snprintf(id->table, sizeof(id->table), "openwad_%08llx",
	    h & 0xffffffff);
	id->mark = 0x6f770000 | (uint32_t)((h % 65535) + 1);
	id->route_table = 28536 + (unsigned)(h % 65535);
	id->pref = 8444 + (unsigned)(h % 4096);
}

/* Only what cannot end a string in a rule. */
static bool
plain_device(const char *s)
{
	return s[0] != '\0' && strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@:+") == strlen(s);
}

static void
add_match(const struct wad_inspected *in, struct wad_str *out)
{
	size_t i;

	wad_str_addf(out, "\t\tiifname \"%s\" ", in->device);
	if (in->all_ports) {
		wad_str_add(out, "meta l4proto tcp ");
	} else {
		wad_str_add(out, "tcp dport { ");
		for (i = 0; i < in->n_ports; i++)
			wad_str_addf(out, "%s%u", i > 0 ? ", " : "",
			    in->ports[i]);
		wad_str_add(out, " } ");
	}
	/* What is for this machine, or for nobody in particular, stays. */
	wad_str_add(out, "fib daddr type unicast ");
}

static void
add_tproxy(const struct wad_firewall_id *id, unsigned port,
    const struct wad_inspected_list *il, struct wad_str *out)
{
	size_t i;

	wad_str_add(out, "\tchain divert {\n\t\ttype filter hook prerouting "
	    "priority mangle; policy accept;\n");
	/* Packets of our open connections, on both sides. */
	wad_str_addf(out, "\t\tmeta l4proto tcp socket transparent 1 socket "
	    "wildcard 0 meta mark set 0x%08x accept\n", id->mark);
	for (i = 0; i < il->n; i++) {
		if (!plain_device(il->v[i].device))
			continue;
		add_match(&il->v[i], out);
		wad_str_addf(out, "meta nfproto ipv4 tproxy ip to :%u meta "
		    "mark set 0x%08x accept\n", port, id->mark);
		add_match(&il->v[i], out);
		wad_str_addf(out, "meta nfproto ipv6 tproxy ip6 to :%u meta "
		    "mark set 0x%08x accept\n", port, id->mark);
	}
	wad_str_add(out, "\t}\n");
}

static void
add_redirect(unsigned port, const struct wad_inspected_list *il,
    struct wad_str *out)
{
	size_t i;

	wad_str_add(out, "\tchain divert {\n\t\ttype nat hook prerouting "
	    "priority dstnat; policy accept;\n");
	for (i = 0; i < il->n; i++) {
		if (!plain_device(il->v[i].device))
			continue;
		add_match(&il->v[i], out);
		wad_str_addf(out, "redirect to :%u\n", port);
	}
	wad_str_add(out, "\t}\n");
}

void
wad_firewall_text(const struct wad_firewall_id *id,
    const struct wad_conf *conf, const struct wad_inspected_list *il,
    struct wad_str *out)
{
	unsigned	port = conf->settings.transparent_port;
	size_t		i;

	/* Creating before deleting makes the deletion always succeed; all of
	 * it is one transaction. */
	wad_str_addf(out, "table inet %s\ndelete table inet %s\n", id->table,
	    id->table);
	wad_str_addf(out, "table inet %s {\n", id->table);
	if (conf->settings.transparent == WAD_TRANSPARENT_TPROXY)
		add_tproxy(id, port, il, out);
	else
		add_redirect(port, il, out);
	/* QUIC is not inspected: browsers fall back to TCP at once.  And what
	 * is to be inspected is never just forwarded: these rules outlive a
	 * crash of the parent, when nobody listens any more. */
	wad_str_add(out, "\tchain guard {\n\t\ttype filter hook forward "
	    "priority filter; policy accept;\n");
	for (i = 0; i < il->n; i++) {
		if (!plain_device(il->v[i].device))
			continue;
		wad_str_addf(out, "\t\tiifname \"%s\" udp dport 443 "
		    "reject\n", il->v[i].device);
		add_match(&il->v[i], out);
		wad_str_add(out, "reject with tcp reset\n");
	}
	wad_str_add(out, "\t}\n}\n");
}

/* Runs a program with this on its standard input; its exit status, its first
 * words of complaint in out. */
static int
run(const char *const *argv, const char *input, char *out, size_t size)
{
	int	 in[2], err[2], status;
	size_t	 n = 0, len = input != NULL ? strlen(input) : 0, done = 0;
	ssize_t	 r;
	pid_t	 pid;
	struct pollfd pfd[2];

	out[0] = '\0';
	if (pipe2(in, O_CLOEXEC) == -1)
		return -1;
	if (pipe2(err, O_CLOEXEC) == -1) {
		close(in[0]);
		close(in[1]);
		return -1;
	}
	pid = wad_main_fork();
	if (pid == 0) {
		char *const *av;

		memcpy(&av, &argv, sizeof(av));
		/* a second ^C is not for it: the rules must go */
		(void)setpgid(0, 0);
		if (dup2(in[0], 0) == -1 || dup2(err[1], 1) == -1 ||
		    dup2(err[1], 2) == -1)
			_exit(126);
		if (setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1) == 0)
			execvp(argv[0], av);
		_exit(errno == ENOENT ? NOT_FOUND : 126);
	}
	close(in[0]);
	close(err[1]);
	(void)fcntl(in[1], F_SETFL, O_NONBLOCK);
	pfd[0] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	pfd[1] = (struct pollfd){ .fd = in[1], .events = POLLOUT };
	while (pid != -1) {
		char buf[512];

		if (pfd[1].fd != -1 && done == len) {
			close(in[1]);
			pfd[1].fd = in[1] = -1;
		}
		if (poll(pfd, 2, -1) == -1 && errno != EINTR)
			break;
		if (pfd[1].fd != -1 && pfd[1].revents != 0) {
			r = write(in[1], input + done, len - done);
			if (r > 0)
				done += (size_t)r;
			else if (r == -1 && errno != EAGAIN)
				done = len;
		}
		if (pfd[0].revents == 0)
			continue;
		r = read(err[0], buf, sizeof(buf));
		if (r == 0 || (r == -1 && errno != EINTR))
			break;
		for (ssize_t i = 0; i < r && n + 1 < size; i++)
			out[n++] = buf[i];
		out[n] = '\0';
	}
	if (in[1] != -1)
		close(in[1]);
	close(err[0]);
	if (pid == -1)
		return -1;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == ' '))
		out[--n] = '\0';
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

static int
complain(const char *program, const char *package, int rc, const char *out,
    char *err, size_t size)
{
	if (rc == NOT_FOUND)
		snprintf(err, size, "the program %s is missing: install the "
		    "package %s, or 'set firewall-rules manual' in openwad "
		    "settings", program, package);
	else
		snprintf(err, size, "%s failed (%d): %s", program, rc, out);
	return -1;
}

static int
ip_run(const struct wad_firewall_id *id, bool v6, bool route, bool add,
    char *out, size_t size)
{
	char		 mark[16], table[16], pref[16];
	const char	*fam = v6 ? "-6" : "-4";
	const char	*r[] = { "ip", fam, "route", add ? "replace" : "del",
		"local", "default", "dev", "lo", "table", table, NULL };
	const char	*u[] = { "ip", fam, "rule", add ? "add" : "del",
		"pref", pref, "fwmark", mark, "lookup", table, NULL };

	snprintf(mark, sizeof(mark), "0x%08x", id->mark);
	snprintf(table, sizeof(table), "%u", id->route_table);
	snprintf(pref, sizeof(pref), "%u", id->pref);
	return run(route ? r : u, NULL, out, size);
}

static void
routes_remove(const struct wad_firewall_id *id)
{
	char	out[OUTPUT_MAX];
	int	v6, i;

	for (v6 = 0; v6 < 2; v6++) {
		for (i = 0; i < 16; i++)
			if (ip_run(id, v6, false, false, out,
			    sizeof(out)) != 0)
				break;
		(void)ip_run(id, v6, true, false, out, sizeof(out));
	}
}

static int
routes_install(const struct wad_firewall_id *id, char *err, size_t size)
{
	char	out[OUTPUT_MAX];
	int	v6, rc;

	/* Never removed first: while the rule is away, connections that are
	 * caught would be lost. */
	for (v6 = 0; v6 < 2; v6++) {
		/* A machine without IPv6 has no such table: fine. */
		if (v6 && access("/proc/net/if_inet6", F_OK) == -1)
			break;
		rc = ip_run(id, v6, true, true, out, sizeof(out));
		if (rc == 0)
			rc = ip_run(id, v6, false, true, out, sizeof(out));
		if (rc != 0 && strstr(out, "File exists") != NULL)
			rc = 0;		/* the rule is there: a reload */
		if (rc != 0)
			return complain("ip", "iproute2", rc, out, err, size);
	}
	return 0;
}

int
wad_firewall_install(const struct wad_firewall_id *id,
    const struct wad_conf *conf, char *err, size_t size)
{
	static const char *const nft[] = { "nft", "-f", "-", NULL };
	struct wad_inspected_list il;
	struct wad_str	text = { 0 };
	char		out[OUTPUT_MAX];
	int		rc;

	if (conf->settings.transparent == WAD_TRANSPARENT_TPROXY &&
	    routes_install(id, err, size) == -1)
		return -1;
	wad_sockets_inspected_here(conf, &il, NULL);
	wad_firewall_text(id, conf, &il, &text);
	wad_sockets_inspected_free(&il);
	rc = run(nft, text.s, out, sizeof(out));
	wad_str_free(&text);
	return rc == 0 ? 0 : complain("nft", "nftables", rc, out, err, size);
}

int
wad_firewall_remove(const struct wad_firewall_id *id, char *err, size_t size)
{
	static const char *const nft[] = { "nft", "-f", "-", NULL };
	char	text[160], out[OUTPUT_MAX];
	int	rc;

	snprintf(text, sizeof(text), "table inet %s\ndelete table inet %s\n",
	    id->table, id->table);
	rc = run(nft, text, out, sizeof(out));
	routes_remove(id);
	return rc == 0 ? 0 : complain("nft", "nftables", rc, out, err, size);
}
