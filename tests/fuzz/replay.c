/* replay.c - runs a fuzz target over files, without libFuzzer: every crasher and every
 * seed is a test.  Arguments are files or folders; none read is an error. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	static uint8_t buffer[1 << 20];
	size_t len = fread(buffer, 1, sizeof buffer, f);
	fclose(f);
	uint8_t *exact = malloc(len > 0 ? len : 1); /* ASan sees one byte too far */
	if (exact == NULL)
		abort();
	for (size_t i = 0; i < len; i++)
		exact[i] = buffer[i];
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return 1;
}

static int
replay_path(const char *path)
{
	DIR *dir = opendir(path);
	if (dir == NULL)
		return replay_file(path);
	int count = 0;
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char full[4096];
		snprintf(full, sizeof full, "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			count += replay_file(full);
	}
	closedir(dir);
	return count;
}

int
main(int argc, char **argv)
{
	int count = 0;
	for (int i = 1; i < argc; i++)
		count += replay_path(argv[i]);
	printf("%d inputs replayed\n", count);
	return count > 0 ? 0 : 1;
}
