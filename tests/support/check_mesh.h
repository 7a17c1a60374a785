/* check_mesh.h - what every unit test includes: Check, a seeded generator, a runner.
 *
 * CHECK_MODULE(name, setup, tests...) makes main().  Tests are named as sentences,
 * tables carry a `why`.  MESH_TEST_SEED=N repeats a random run; the seed is printed on
 * failure. */
#ifndef CHECK_MESH_H
#define CHECK_MESH_H
#include "types.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t check_seed(void); /* MESH_TEST_SEED, or 1 */
uint32_t rng_u32(void);    /* from check_seed, same sequence in every run */
uint64_t rng_u64(void);
void rng_bytes(void *to, size_t len);
void rng_restart(uint64_t seed);
/* Hex text to a static buffer (8 at a time may be in use). */
struct bytes_view hex(const char *text);
/* The whole file below tests/vectors (or an absolute path), in a heap block of exactly
 * its size, so that ASan sees a read past the end.  Never returns NULL. */
uint8_t *check_file(const char *path, size_t *len);

int check_run(
    const char *name, void (*setup)(void), const TTest *const *tests, size_t count);

#define CHECK_MODULE(name, setup, ...)                                                 \
	int main(void)                                                                 \
	{                                                                              \
		const TTest *const tests[] = { __VA_ARGS__ };                          \
		return check_run(#name, setup, tests, LENGTH(tests));                  \
	}
#endif
