/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments and sealed texts are memfds: no names, no leftovers after a
 * crash, and rights that follow from the descriptor one holds.
 */
#include "ipc/shm.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SEALS_TEXT	(F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

/* In newer headers only; older kernels say EINVAL and get the rest. */
#define NOEXEC_SEAL	0x0008U

static int
shm_open_new(const char *name)
{
	int fd;

	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | NOEXEC_SEAL);
	if (fd == -1 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* Nobody else opens it by /proc/PID/fd, not even for reading. */
	if (fd != -1 && fchmod(fd, 0600) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
wad_shm_create(const char *name, size_t size)
{
	int fd = shm_open_new(name);

	if (fd == -1)
		return -1;
	if (ftruncate(fd, (off_t)size) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
	    F_SEAL_SEAL) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
wad_shm_readonly(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

void *
wad_shm_map(int fd, size_t size, bool writable)
{
	struct stat	 st;
	void		*p;

	if (fstat(fd, &st) == -1 || st.st_size < 0 ||
	    (size_t)st.st_size < size || size == 0)
		return NULL;
	p = mmap(NULL, size, writable ? PROT_READ | PROT_WRITE : PROT_READ,
	    MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

int
wad_shm_text_new(const char *name)
{
	return shm_open_new(name);
}

int
wad_shm_text_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, SEALS_TEXT | F_SEAL_SEAL);
}

int
wad_shm_seal_text(const char *name, const char *text, size_t len)
{
	int	fd = shm_open_new(name);
	size_t	done = 0;
	ssize_t n;

	if (fd == -1)
		return -1;
	while (done < len) {
		n = write(fd, text + done, len - done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			goto fail;
		done += (size_t)n;
	}
	if (wad_shm_text_seal(fd) == -1)
		goto fail;
	return fd;
fail:
	close(fd);
	return -1;
}

const char *
wad_shm_map_text(int fd, size_t *len)
{
	struct stat	 st;
	int		 seals = fcntl(fd, F_GET_SEALS);
	void		*p;

	*len = 0;
	if (seals == -1 || (seals & SEALS_TEXT) != SEALS_TEXT ||
	    fstat(fd, &st) == -1 || st.st_size < 0)
		return NULL;
	if (st.st_size == 0)
		return "";
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return NULL;
	*len = (size_t)st.st_size;
	return p;
}

void
wad_shm_unmap(const void *p, size_t len)
{
	void *q;

	if (p == NULL || len == 0)
		return;
	memcpy(&q, &p, sizeof(q));
	munmap(q, len);
}
