/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listening sockets, which the parent opens and keeps, and batches of
 * sockets that may bind to foreign addresses.
 */
#ifndef WAD_MAIN_SOCKETS_H
#define WAD_MAIN_SOCKETS_H

#include <net/if.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/str.h"
#include "conf/conf_snap.h"

/* An interface from which connections are inspected, and their ports. */
struct wad_inspected {
	char		 name[64], device[IFNAMSIZ];
	bool		 all_ports;
	uint16_t	*ports; size_t n_ports;	/* sorted */
};

struct wad_inspected_list {
	struct wad_inspected *v;
	size_t		 n;
};

/* The interfaces that enabled policies inspect.  devices: names that exist
 * (what `any` stands for), without lo; a configured one that is not among
 * them is left out with a line in notes. */
void	wad_sockets_inspected(const struct wad_conf *,
	    const char *const *devices, size_t n_devices,
	    struct wad_inspected_list *, struct wad_str *notes);
/* The same for this machine. */
void	wad_sockets_inspected_here(const struct wad_conf *,
	    struct wad_inspected_list *, struct wad_str *notes);
void	wad_sockets_inspected_free(struct wad_inspected_list *);

enum { WAD_KIND_TPROXY = 1, WAD_KIND_REDIRECT, WAD_KIND_EXPLICIT,
	WAD_KIND_METRICS /* for wad-export; its worker is 0 */ };

struct wad_listen {
	unsigned	 kind, row, worker;
	char		 device[IFNAMSIZ];	/* "" any */
	struct wad_addr	 local;
	int		 fd;
};

struct wad_listeners {
	struct wad_listen *v;
	size_t		 n;
};

/* Opens what conf wants, taking over (duplicating) what old has open.  NULL
 * with the reason in err. */
struct wad_listeners *wad_sockets_listen(const struct wad_conf *,
	    unsigned n_workers, const struct wad_listeners *old,
	    struct wad_str *notes, char *err, size_t size);
void	wad_sockets_listeners_free(struct wad_listeners *);

/* Up to n sockets with IP_TRANSPARENT; how many. */
unsigned wad_sockets_batch(int family, int *fds, unsigned n);

#endif
