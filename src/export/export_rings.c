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
	bool			 other;

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
	other = r->seg != NULL;
	if (other)
		wad_shm_unmap(r->seg, sizeof(*r->seg));
	r->mark = wad_syslog_ring(x->syslog, role, index, other);
	r->seg = wad_shm_map(fd, sizeof(*r->seg), false);
	close(fd);
	if (r->seg == NULL)
		return -1;
	r->dev = st.st_dev;
	r->ino = st.st_ino;
	memset(&r->pos, 0, sizeof(r->pos));
	return 0;
}

/* Reads one ring: at most what it can hold. */
static void
pump(struct wad_export *x, struct wad_export_ring *r)
{
	char	 buf[WAD_RING_LOG_SIZE];
	uint64_t at, got;
	size_t	 n = 1;

	for (int left = WAD_RING_LOG_SLOTS; n > 0 && left > 0; left--) {
		at = r->pos.log;
		n = wad_ring_next_log(r->seg, &r->pos, buf, sizeof(buf));
		got = n > 0 ? r->pos.log - 1 : r->pos.log;
		if (got > at) {
			WAD_COUNT_ADD(LOG_LOST, got - at);
			wad_syslog_lost(x->syslog, r->mark, at, got);
		}
		if (n > 0)
			wad_syslog_record(x->syslog, r->mark, got, buf, n);
	}
}

void
wad_export_pump(struct wad_export *x)
{
	if (x->conf == NULL)	/* who wants the records is not known yet */
		return;
	for (unsigned i = 0; i < x->n_rings; i++)
		if (x->rings[i].seg != NULL)
			pump(x, &x->rings[i]);
	wad_syslog_tick(x->syslog);
}
