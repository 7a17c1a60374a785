/* protobuf_peer.c - our half of the comparison with the official library.
 *
 * protobuf_peer list: table names.
 * protobuf_peer generate TABLE N: N random messages, one line each: hex, tab, JSON.
 * protobuf_peer decode TABLE < lines of hex: hex as we write it again, tab, JSON; or
 * "error".  protobuf_peer.py is the other half.  MESH_TEST_SEED repeats a run. */
#include "arena.h"
#include "check_mesh.h"
#include "describe.h"
#include "json_out.h"
#include "mt_random.h"
#include "mt_tables.h"
#include "text.h"

enum { LINE_BYTES = 1 << 17 };
static uint8_t arena_block[1 << 19], bytes_block[1 << 15];
static char line[LINE_BYTES], text_block[LINE_BYTES];

static const struct protobuf_table *
table_named(const char *name)
{
	for (const struct protobuf_table *const *t = mt_all_tables; *t != NULL; t++)
		if (strcmp((*t)->name, name) == 0)
			return *t;
	fprintf(stderr, "no table %s\n", name);
	exit(2);
}

static void
print(const struct protobuf_table *t, struct tree_view tree)
{
	struct bytes_out bytes = bytes_out(bytes_block, sizeof bytes_block);
	struct bytes_out out = bytes_out(text_block, sizeof text_block);
	struct json_out j = json_out(&out);
	if (protobuf_encode(t, tree, &bytes) != MESH_OK) {
		puts("error");
		return;
	}
	text_put_hex(&out, bytes_written(&bytes));
	text_put(&out, "\t");
	if (tree.count > 0)
		describe_tree(tree, &j);
	else
		text_put(&out, "{}");
	puts(out.failed ? "error" : text_end(&out));
}

static void
generate(const struct protobuf_table *t, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		struct arena arena = arena_init(arena_block, sizeof arena_block);
		print(t, mt_random(t, &arena));
	}
}

static void
decode(const struct protobuf_table *t)
{
	static uint8_t raw[LINE_BYTES / 2];
	while (fgets(line, sizeof line, stdin) != NULL) {
		struct arena arena = arena_init(arena_block, sizeof arena_block);
		struct text_view hex_text = { line, strcspn(line, "\n") };
		struct bytes_out bytes = bytes_out(raw, hex_text.len / 2);
		struct tree_view tree;
		if (text_hex_decode(hex_text, &bytes) != MESH_OK ||
		    protobuf_decode(t, bytes_written(&bytes), &arena, &tree) != MESH_OK)
			puts("error");
		else
			print(t, tree);
	}
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		for (const struct protobuf_table *const *t = mt_all_tables; *t != NULL;
		     t++)
			puts((*t)->name);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "generate") == 0)
		generate(table_named(argv[2]), strtoul(argv[3], NULL, 10));
	else if (argc == 3 && strcmp(argv[1], "decode") == 0)
		decode(table_named(argv[2]));
	else
		return 2;
	return 0;
}
