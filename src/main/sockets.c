/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which interfaces are inspected, and the sockets that listen there.  One
 * listener per (interface, family, worker), bound to the device, so that the
 * ingress interface of a connection is known from the socket that got it.
 */
#include "main/sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xmem.h"

enum { BACKLOG = 4096, DEVICES_MAX = 256, LISTENERS_MAX = 8192,
	EXPLICIT_PORTS_MAX = 64 };

static int
port_cmp(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
add_ports(struct wad_inspected *in, const uint16_t *ports, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < in->n_ports && in->ports[j] != ports[i]; j++)
			;
		if (j < in->n_ports)
			continue;
		in->ports = wad_xrealloc(in->ports, in->n_ports + 1,
		    sizeof(*in->ports));
		in->ports[in->n_ports++] = ports[i];
	}
	qsort(in->ports, in->n_ports, sizeof(*in->ports), port_cmp);
}

/* TLS of this policy is looked at. */
static bool
inspects_tls(const struct wad_policy *p)
{
	return p->profile->https.status != WAD_INSPECT_DISABLE ||
	    p->profile->inspect_all != WAD_INSPECT_DISABLE;
}

static void
add_device(struct wad_inspected_list *l, const char *name, const char *device,
    const struct wad_policy *policy)
{
	static const uint16_t	 https[] = { 443 };
	const struct wad_profile *p = policy->profile;
	struct wad_inspected	*in;
	size_t			 i;

	for (i = 0; i < l->n && strcmp(l->v[i].device, device) != 0; i++)
		;
	if (i == l->n) {
		l->v = wad_xrealloc(l->v, l->n + 1, sizeof(*l->v));
		memset(&l->v[l->n], 0, sizeof(*l->v));
		l->n++;
	}
	in = &l->v[i];
	snprintf(in->name, sizeof(in->name), "%s", name);
	snprintf(in->device, sizeof(in->device), "%s", device);
	if (p->inspect_all != WAD_INSPECT_DISABLE)
		in->all_ports = true;
	else if (inspects_tls(policy) && p->https.n_ports > 0)
		add_ports(in, p->https.ports, p->https.n_ports);
	else if (inspects_tls(policy))
		add_ports(in, https, 1);
	if (wad_policy_filters_http(policy))
		add_ports(in, policy->protocol->ports,
		    policy->protocol->n_ports);
}

static const struct wad_interface *
find_if(const struct wad_conf *conf, const char *name, const char *device)
{
	size_t i;

	for (i = 0; i < conf->n_ifs; i++)
		if ((name != NULL && strcmp(conf->ifs[i].name, name) == 0) ||
		    (device != NULL &&
		    strcmp(conf->ifs[i].device, device) == 0))
			return &conf->ifs[i];
	return NULL;
}

static bool
exists(const char *const *devices, size_t n, const char *device)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(devices[i], device) == 0)
			return true;
	return false;
}

void
wad_sockets_inspected(const struct wad_conf *conf, const char *const *devices,
    size_t n_devices, struct wad_inspected_list *l, struct wad_str *notes)
{
	const struct wad_interface *in;
	size_t i, j, k;

	memset(l, 0, sizeof(*l));
	for (i = 0; i < conf->n_policies; i++) {
		const struct wad_policy *p = &conf->policies[i];

		if (!p->enabled || !p->accept || p->explicit_web ||
		    !(inspects_tls(p) || wad_policy_filters_http(p)))
			continue;
		for (j = 0; j < p->n_srcintf; j++) {
			const char *name = p->srcintf[j], *dev = name;

			if (strcmp(name, "any") == 0) {
				for (k = 0; k < n_devices; k++) {
					in = find_if(conf, NULL, devices[k]);
					add_device(l, in != NULL ? in->name :
					    devices[k], devices[k], p);
				}
				continue;
			}
			in = find_if(conf, name, NULL);
			if (in != NULL && in->device != NULL)
				dev = in->device;
			if (exists(devices, n_devices, dev))
				add_device(l, name, dev, p);
			else if (notes != NULL)
				wad_str_addf(notes, "warning: interface %s%s%s "
				    "of policy %u does not exist on this "
				    "machine; nothing is inspected there\n",
				    name, dev != name ? ", device " : "",
				    dev != name ? dev : "", p->id);
		}
	}
}

void
wad_sockets_inspected_here(const struct wad_conf *conf,
    struct wad_inspected_list *l, struct wad_str *notes)
{
	struct if_nameindex	*ifs = if_nameindex();
	const char		*names[DEVICES_MAX] = { NULL };
	size_t			 n = 0, i;

	for (i = 0; ifs != NULL && ifs[i].if_name != NULL; i++)
		if (n < DEVICES_MAX && strcmp(ifs[i].if_name, "lo") != 0)
			names[n++] = ifs[i].if_name;
	wad_sockets_inspected(conf, names, n, l, notes);
	if (ifs != NULL)
		if_freenameindex(ifs);
}

void
wad_sockets_inspected_free(struct wad_inspected_list *l)
{
	while (l->n > 0)
		free(l->v[--l->n].ports);
	free(l->v);
	l->v = NULL;
}

/* One socket, bound and perhaps listening; -1 with errno. */
static int
open_socket(const struct wad_listen *w, bool share)
{
	struct sockaddr_storage	 ss;
	socklen_t		 len = wad_addr_to_sockaddr(&w->local, &ss);
	int			 fd, one = 1, e;

	fd = socket(w->local.family, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1)
		goto fail;
	if (share && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one,
	    sizeof(one)) == -1)
		goto fail;
	if (w->local.family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &one, sizeof(one)) == -1)
		goto fail;
	if (w->kind == WAD_KIND_TPROXY && (w->local.family == AF_INET ?
	    setsockopt(fd, SOL_IP, IP_TRANSPARENT, &one, sizeof(one)) :
	    setsockopt(fd, SOL_IPV6, IPV6_TRANSPARENT, &one,
	    sizeof(one))) == -1)
		goto fail;
	if (w->device[0] != '\0' && setsockopt(fd, SOL_SOCKET,
	    SO_BINDTODEVICE, w->device, (socklen_t)strlen(w->device)) == -1)
		goto fail;
	if (bind(fd, (struct sockaddr *)&ss, len) == -1 ||
	    listen(fd, BACKLOG) == -1)
		goto fail;
	return fd;
fail:
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

static int
take_over(const struct wad_listeners *old, const struct wad_listen *w)
{
	size_t i;

	for (i = 0; old != NULL && i < old->n; i++)
		if (old->v[i].kind == w->kind &&
		    old->v[i].worker == w->worker &&
		    strcmp(old->v[i].device, w->device) == 0 &&
		    wad_addr_equal(&old->v[i].local, &w->local))
			return fcntl(old->v[i].fd, F_DUPFD_CLOEXEC, 3);
	return -1;
}

struct opening {
	struct wad_listeners	*l;
	const struct wad_listeners *old;
	unsigned		 n_workers;
	char			*err;
	size_t			 size;
};

/* Who holds a port that is in use. */
static const char *
port_holder(const struct opening *o, const struct wad_addr *local)
{
	const struct wad_listeners *const lists[] = { o->l, o->old };

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; lists[k] != NULL && i < lists[k]->n; i++) {
			const struct wad_listen *w = &lists[k]->v[i];

			if (w->local.port != local->port ||
			    w->local.family != local->family)
				continue;
			return w->kind == WAD_KIND_EXPLICIT ?
			    "; it is a port of config web-proxy explicit: "
			    "choose another" : w->kind == WAD_KIND_METRICS ?
			    "; it is the port of config openwad metrics: "
			    "choose another" :
			    "; it is transparent-port of config openwad "
			    "settings: choose another for one of them";
		}
	return "; another program holds this port: stop it or choose another "
	    "port";
}

/* The listeners for one place of so many processes, which share the port. */
static int
listen_at(struct opening *o, const struct wad_listen *place, unsigned many)
{
	struct wad_listen	 w = *place;
	char			 where[WAD_ADDR_STRLEN];
	int			 probe;

	if (o->l->n + many > LISTENERS_MAX) {
		snprintf(o->err, o->size, "more than %d listening sockets; "
		    "name fewer interfaces or ports", LISTENERS_MAX);
		return -1;
	}
	for (w.worker = 0; w.worker < many; w.worker++) {
		w.fd = take_over(o->old, &w);
		if (w.fd == -1 && w.worker == 0) {
			/* Another process may share the port with us without
			 * an error; this try does not share. */
			probe = open_socket(&w, false);
			if (probe == -1)
				goto fail;
			close(probe);
		}
		if (w.fd == -1)
			w.fd = open_socket(&w, w.kind != WAD_KIND_METRICS);
		if (w.fd == -1)
			goto fail;
		o->l->v = wad_xrealloc(o->l->v, o->l->n + 1, sizeof(w));
		o->l->v[o->l->n++] = w;
	}
	return 0;
fail:
	if (errno == EAFNOSUPPORT && w.local.family == AF_INET6)
		return 0;
	snprintf(o->err, o->size, "cannot listen on %s%s%s: %s%s",
	    wad_addr_str(&w.local, where), w.device[0] != '\0' ? " of " : "",
	    w.device, strerror(errno), errno == EADDRINUSE ?
	    port_holder(o, &w.local) : errno == EPERM || errno == EACCES ?
	    "; this needs root" : errno == EADDRNOTAVAIL ?
	    "; this machine does not have the address" : "");
	return -1;
}

static int
listen_transparent(struct opening *o, const struct wad_conf *conf,
    struct wad_str *notes)
{
	struct wad_inspected_list il;
	struct wad_listen	 w;
	size_t			 i;
	int			 rc = 0;
	unsigned		 row = 0;

	if (conf->settings.transparent == WAD_TRANSPARENT_DISABLE)
		return 0;
	wad_sockets_inspected_here(conf, &il, notes);
	for (i = 0; i < il.n * 2 && rc == 0; i++) {
		memset(&w, 0, sizeof(w));
		w.kind = conf->settings.transparent ==
		    WAD_TRANSPARENT_TPROXY ? WAD_KIND_TPROXY :
		    WAD_KIND_REDIRECT;
		w.row = row++;
		memcpy(w.device, il.v[i / 2].device, sizeof(w.device));
		w.local.family = i % 2 == 0 ? AF_INET : AF_INET6;
		w.local.port = conf->settings.transparent_port;
		rc = listen_at(o, &w, o->n_workers);
	}
	wad_sockets_inspected_free(&il);
	return rc;
}

/* Where clients of the explicit proxy ask: both families of one port. */
static int
listen_port(struct opening *o, const struct wad_conf_webproxy *wp,
    uint16_t port)
{
	struct wad_listen w = { .kind = WAD_KIND_EXPLICIT,
		.local = wp->incoming_ip };

	w.local.family = AF_INET;
	w.local.port = port;
	if (listen_at(o, &w, o->n_workers) == -1)
		return -1;
	if (!wp->ipv6)
		return 0;
	w.local = wp->incoming_ip6;
	w.local.family = AF_INET6;
	w.local.port = port;
	return listen_at(o, &w, o->n_workers);
}

/* For HTTP, for TLS to the proxy and for the PAC file; one port may be for
 * several. */
static int
listen_explicit(struct opening *o, const struct wad_conf *conf)
{
	const struct wad_conf_webproxy	*wp = &conf->webproxy;
	const struct { const struct wad_port_range *r; size_t n; } lists[] = {
		{ wp->ports, wp->n_ports },
		{ wp->tls_ports, wp->secure != WAD_SECURE_PROXY_DISABLE ?
		    wp->n_tls_ports : 0 },
		{ wp->pac_ports, wp->pac ? wp->n_pac_ports : 0 },
	};
	uint16_t	 seen[EXPLICIT_PORTS_MAX];
	unsigned	 n = 0, k, port;

	if (!wp->explicit_enabled)
		return 0;
	for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++)
		for (size_t i = 0; i < lists[l].n; i++)
			for (port = lists[l].r[i].lo;
			    port <= lists[l].r[i].hi; port++) {
				for (k = 0; k < n && seen[k] != port; k++)
					continue;
				if (k < n)
					continue;
				if (n == EXPLICIT_PORTS_MAX) {
					snprintf(o->err, o->size, "web-proxy "
					    "explicit: more than %d ports",
					    EXPLICIT_PORTS_MAX);
					return -1;
				}
				seen[n++] = (uint16_t)port;
				if (listen_port(o, wp, (uint16_t)port) == -1)
					return -1;
			}
	return 0;
}

static int
listen_metrics(struct opening *o, const struct wad_conf *conf)
{
	struct wad_listen w = { .kind = WAD_KIND_METRICS,
		.local = conf->metrics.listen_ip };

	if (!conf->metrics.enabled)
		return 0;
	w.local.port = conf->metrics.port;
	return listen_at(o, &w, 1);
}

struct wad_listeners *
wad_sockets_listen(const struct wad_conf *conf, unsigned n_workers,
    const struct wad_listeners *old, struct wad_str *notes, char *err,
    size_t size)
{
	struct opening o = { .l = wad_xcalloc(1, sizeof(*o.l)), .old = old,
		.n_workers = n_workers, .err = err, .size = size };

	if (conf->settings.transparent != WAD_TRANSPARENT_DISABLE &&
	    geteuid() != 0) {
		snprintf(err, size, "openwad settings / transparent: "
		    "transparent mode needs root; start openwad as root, or "
		    "'set transparent disable' and use the explicit proxy");
		goto fail;
	}
	if (listen_transparent(&o, conf, notes) == -1 ||
	    listen_explicit(&o, conf) == -1 ||
	    listen_metrics(&o, conf) == -1)
		goto fail;
	return o.l;
fail:
	wad_sockets_listeners_free(o.l);
	return NULL;
}

void
wad_sockets_listeners_free(struct wad_listeners *l)
{
	if (l == NULL)
		return;
	while (l->n > 0)
		close(l->v[--l->n].fd);
	free(l->v);
	free(l);
}

unsigned
wad_sockets_batch(int family, int *fds, unsigned n)
{
	int		one = 1;
	unsigned	i;

	for (i = 0; i < n; i++) {
		fds[i] = socket(family, SOCK_STREAM | SOCK_CLOEXEC |
		    SOCK_NONBLOCK, 0);
		if (fds[i] == -1)
			break;
		if ((family == AF_INET ? setsockopt(fds[i], SOL_IP,
		    IP_TRANSPARENT, &one, sizeof(one)) : setsockopt(fds[i],
		    SOL_IPV6, IPV6_TRANSPARENT, &one, sizeof(one))) == -1) {
			close(fds[i]);
			break;
		}
	}
	return i;
}
