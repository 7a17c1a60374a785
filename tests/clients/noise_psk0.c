/* One side of a Noise_XXpsk0 handshake over hex lines, for noise_psk0.py to talk to.
 *
 * noise_psk0 ROLE PROLOGUE STATIC EPHEMERAL PSK, all but ROLE in hex.  Messages go out
 * and come in as hex lines with the payload "from c"; at the end it prints the
 * handshake's hash and the two keys, ours for sending first. */
#include "noise.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>

static struct bytes_view
decoded(const char *hex)
{
	static uint8_t pool[8][1024];
	static size_t used;
	struct bytes_out out = bytes_out(pool[used++ % LENGTH(pool)], strlen(hex) / 2);

	if (out.cap > sizeof pool[0] || text_hex_decode(text(hex), &out) != MESH_OK)
		exit(2);
	return bytes_written(&out);
}

static void
print_hex(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	printf("\n");
	fflush(stdout);
}

static bool
say(struct noise *n)
{
	uint8_t buf[1024];
	struct bytes_out out = bytes_out(buf, sizeof buf);

	if (noise_write(n, bytes_view("from c", 6), &out) != MESH_OK)
		return false;
	print_hex(out.ptr, out.len);
	return true;
}

static bool
listen_for(struct noise *n)
{
	char line[2048];
	uint8_t plain[1024];
	struct bytes_out out = bytes_out(plain, sizeof plain);

	if (fgets(line, sizeof line, stdin) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return noise_read(n, decoded(line), &out) == MESH_OK && out.len == 11 &&
	    memcmp(plain, "from python", 11) == 0;
}

int
main(int argc, char **argv)
{
	struct noise n;
	uint8_t send[NOISE_KEY], receive[NOISE_KEY];

	if (argc != 6)
		return 2;
	bool first = strcmp(argv[1], "initiator") == 0;
	noise_init(&n,
	    &(struct noise_start){ .pattern = &noise_xxpsk0,
		.role = first ? NOISE_INITIATOR : NOISE_RESPONDER,
		.prologue = decoded(argv[2]),
		.s = decoded(argv[3]).ptr,
		.e = decoded(argv[4]).ptr,
		.psk = decoded(argv[5]).ptr });
	while (!noise_is_done(&n))
		if (!((n.step % 2 == 0) == first ? say(&n) : listen_for(&n)))
			return 1;
	print_hex(n.h, NOISE_HASH);
	noise_split(&n, send, receive);
	print_hex(send, NOISE_KEY);
	print_hex(receive, NOISE_KEY);
	return 0;
}
