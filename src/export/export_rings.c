/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rings that wad-export reads.
 */
#include "export/export.h"

#include <sys/stat.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/shm.h"

static struct wad_export_ring *
find(struct wad_export *x, const char *role, unsigned index)
{
	for (unsigned i = 0; i < x->n_rings; i++)
		if (x->rings[i].index == index &&
		    strcmp(x->rings[i].role, role) == 0)
			return &x->rings[i];
	if (x->n_rings == WAD_RINGS_MAX)
		return NULL;
	memset(&x->rings[x->n_rings], 0, sizeof(x->rings[0]));
	return &x->rings[x->n_rings++];
}

int
wad_export_ring(struct wad_export *x, const char *role, unsigned index,
    uint32_t pid, int fd)
{
	struct wad_export_ring	*r = find(x, role, index);
	struct stat		 st;

	if (r == NULL || fstat(fd, &st) == -1) {
		close(fd);
		return -1;
	}
	snprintf(r->role, sizeof(r->role), "%s", role);
	r->index = index;
	r->pid = pid;
	if (r->seg != NULL && r->ino == st.st_ino && r->dev == st.st_dev) {
		close(fd);		/* the same ring, a new process */
		return 0;
	}
	if (r->seg != NULL)
		wad_shm_unmap(r->seg, sizeof(*r->seg));
	r->seg = wad_shm_map(fd, sizeof(*r->seg), false);
	close(fd);
	if (r->seg == NULL)
		return -1;
	r->dev = st.st_dev;
	r->ino = st.st_ino;
	memset(&r->pos, 0, sizeof(r->pos));
	return 0;
}

void
wad_export_pump(struct wad_export *x)
{
	char	 buf[WAD_RING_LOG_SIZE];
	size_t	 n;

	for (unsigned i = 0; i < x->n_rings; i++) {
		struct wad_export_ring	*r = &x->rings[i];
		uint64_t		 lost = r->pos.log_lost;
		int			 left = WAD_RING_LOG_SLOTS;

		while (r->seg != NULL && left-- > 0 &&
		    (n = wad_ring_next_log(r->seg, &r->pos, buf,
		    sizeof(buf))) > 0)
			if (x->syslog != NULL)
				wad_syslog_record(x->syslog, buf, n);
		if (r->pos.log_lost > lost && x->syslog != NULL)
			wad_syslog_lost(x->syslog, r->pos.log_lost - lost);
	}
	if (x->syslog != NULL)
		wad_syslog_tick(x->syslog);
}
