/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory: memfd segments with one writer; sealed files.
 */
#ifndef WAD_IPC_SHM_H
#define WAD_IPC_SHM_H

#include <stdbool.h>
#include <stddef.h>

/* A new memfd of size bytes (close-on-exec, size sealed); fd or -1. */
int	 wad_shm_create(const char *name, size_t size);
/* A second descriptor of the same segment that can only be mapped for
 * reading; fd or -1. */
int	 wad_shm_readonly(int fd);
/* Maps it; NULL on failure or when the segment is smaller than size. */
void	*wad_shm_map(int fd, size_t size, bool writable);
/* A memfd with this text, sealed against every change; fd or -1. */
int	 wad_shm_seal_text(const char *name, const char *text, size_t len);
/* The same piece by piece: an empty memfd to be written (fd or -1), and its
 * seals (0 or -1). */
int	 wad_shm_text_new(const char *name);
int	 wad_shm_text_seal(int fd);
/* Maps a sealed file whole, read-only; refuses unsealed ones.  NULL on
 * failure; *len is its size. */
const char *wad_shm_map_text(int fd, size_t *len);
void	 wad_shm_unmap(const void *, size_t);

#endif
