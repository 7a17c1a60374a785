#include "check_mesh.h"
#include <stdarg.h>

static uint64_t rng_state;
static bool rng_started;

uint64_t
check_seed(void)
{
	const char *given = getenv("MESH_TEST_SEED");
	return given != NULL ? strtoull(given, NULL, 0) : 1;
}

void
rng_restart(uint64_t seed)
{
	rng_state = seed;
	rng_started = true;
}

uint64_t
rng_u64(void) /* splitmix64 */
{
	if (!rng_started)
		rng_restart(check_seed());
	uint64_t z = rng_state += 0x9e3779b97f4a7c15U;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

uint32_t
rng_u32(void)
{
	return (uint32_t)(rng_u64() >> 32);
}

void
rng_bytes(void *to, size_t len)
{
	uint8_t *p = to;
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)rng_u32();
}

static unsigned
nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c);
	ck_assert_msg(c != '\0' && at != NULL, "not lower-case hex: %c", c);
	return (unsigned)(at - digits);
}

struct bytes_view
hex(const char *text)
{
	static uint8_t pool[8][4096];
	static size_t next;
	uint8_t *to = pool[next++ % LENGTH(pool)];
	size_t len = strlen(text) / 2;
	ck_assert_uint_le(len, sizeof pool[0]);
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
	return (struct bytes_view){ to, len };
}

uint8_t *
check_file(const char *path, size_t *len)
{
	char full[1024];
	snprintf(full, sizeof full, "%s%s%s", path[0] == '/' ? "" : TEST_VECTORS,
	    path[0] == '/' ? "" : "/", path);
	FILE *f = fopen(full, "rb");
	ck_assert_msg(f != NULL, "cannot open %s", full);
	fseek(f, 0, SEEK_END);
	*len = (size_t)ftell(f);
	rewind(f);
	uint8_t *block = malloc(*len > 0 ? *len : 1);
	ck_assert(block != NULL && fread(block, 1, *len, f) == *len);
	fclose(f);
	return block;
}

/* For one that hangs; in seconds.  Where a defence is taken out some do. */
static double
end_of_a_test(void)
{
	const char *given = getenv("MESH_TEST_END");
	return given != NULL ? strtod(given, NULL) : 600;
}

int
check_run(
    const char *name, void (*setup)(void), const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	for (size_t i = 0; i < count; i++) {
		TCase *c = tcase_create(tests[i]->name);
		tcase_set_timeout(c, end_of_a_test());
		if (setup != NULL)
			tcase_add_checked_fixture(c, setup, NULL);
		tcase_add_test(c, tests[i]);
		suite_add_tcase(suite, c);
	}
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (failed > 0)
		fprintf(stderr, "repeat with MESH_TEST_SEED=%llu\n",
		    (unsigned long long)check_seed());
	return failed == 0 ? 0 : 1;
}
