/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main() for a fuzz target without libFuzzer: runs every file named on the
 * command line (and every file of a folder named there) once through the
 * target, then cut short at a few lengths and with a few bits turned.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { REPLAY_MAX = 4 * 1024 * 1024 };

static unsigned long	replayed;

static void
one(const uint8_t *data, size_t len)
{
	/* A copy of the exact size, so that sanitizers see every overrun. */
	uint8_t	*copy = malloc(len ? len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	replayed++;
}

static int
file(const char *path)
{
	static uint8_t	 buf[REPLAY_MAX];
	size_t		 len, i, step;
	FILE		*f = fopen(path, "rb");

	if (f == NULL) {
		perror(path);
		return -1;
	}
	len = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	one(buf, len);
	step = len / 16 + 1;
	for (i = 0; i < len; i += step)
		one(buf, i);
	for (i = 0; i < len; i += step) {
		buf[i] ^= 1u << (i % 8);
		one(buf, len);
		buf[i] ^= 1u << (i % 8);
	}
	return 0;
}

static int
any(const char *path)
{
	struct stat	 st;
	struct dirent	*d;
	char		 name[4096];
	int		 rv = 0;
	DIR		*dir;

	if (stat(path, &st) == -1) {
		perror(path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return file(path);
	if ((dir = opendir(path)) == NULL) {
		perror(path);
		return -1;
	}
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, d->d_name);
		if (any(name) == -1)
			rv = -1;
	}
	closedir(dir);
	return rv;
}

int
main(int argc, char **argv)
{
	int	i, rv = 0;

	one((const uint8_t *)"", 0);
	for (i = 1; i < argc; i++)
		if (any(argv[i]) == -1)
			rv = 1;
	printf("%lu inputs\n", replayed);
	return rv;
}
