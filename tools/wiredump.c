/* wiredump - what stands in a datagram: one line of hex in, its description out.
 *
 * `wiredump [--network FILE] [HEX...]`; without HEX lines are read from stdin.  Session
 * data shows its header; beacons are opened and checked when the network file is given.
 */
#include "arena.h"
#include "bundle.h"
#include "describe.h"
#include "envelope.h"
#include "meshtrust.h"
#include "messages.h"
#include "netkey.h"
#include "seal.h"
#include "text.h"
#include "wire.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dump {
	struct mesh_network network;
	bool has_network;
};

static void
show_body(const struct record *r)
{
	static uint8_t block[64 * 1024], object[4096];
	static char lines[16 * 1024];
	struct arena arena = arena_init(block, sizeof block);
	struct bytes_out out = bytes_out(lines, sizeof lines);
	const struct message *m = r->at.lane == LANE_LIVE
	    ? message_find(MESSAGE_LIVE, (uint8_t)r->type)
	    : record_lane_is_keyed(r->at.lane)
	    ? message_find(MESSAGE_KEYED, (uint8_t)r->type)
	    : NULL;
	if (m == NULL || m->table == NULL || m->table->object_bytes > sizeof object ||
	    wire_decode(m->table, r->body, object, &arena) != MESH_OK) {
		text_put(&out, "body: ");
		text_put_hex(&out, r->body);
		text_put(&out, "\n");
	} else {
		text_printf(&out, "%s\n", m->name);
		describe_text(m->table, object, AUDIENCE_OPERATOR, &out);
	}
	fputs(text_end(&out), stdout);
}

static void
show_bundle(const struct dump *d, struct bytes_view raw)
{
	struct bundle b;
	struct record r;
	char key[65];
	struct bytes_out out = bytes_out(key, sizeof key);
	if (bundle_read(raw, &b) != MESH_OK) {
		printf("  no bundle\n");
		return;
	}
	for (size_t i = 0; i < b.count; i++) {
		if (bundle_record(&b, i, &r) != MESH_OK) {
			printf("  no record\n");
			return;
		}
		out.len = 0;
		text_put_hex(&out, bytes_view(r.at.origin.bytes, 32));
		printf("record %s lane %d epoch %llu seq %llu back %llu type %u "
		       "hop_max %u\n",
		    text_end(&out), (int)r.at.lane, (unsigned long long)r.at.epoch,
		    (unsigned long long)r.at.seq, (unsigned long long)r.back, r.type,
		    r.hop_max);
		show_body(&r);
	}
	if (d->has_network)
		printf("signature: %s\n",
		    bundle_verify(&b, d->network.id, &r.at.origin) == MESH_OK ? "good"
									      : "BAD");
}

static void
show_beacon(const struct dump *d, struct bytes_view datagram)
{
	enum { HEAD = 5, NONCE = 24 };
	uint8_t beacon_key[32], plain[ENVELOPE_MAX];
	if (!d->has_network || datagram.len < HEAD + NONCE + SEAL_TAG) {
		printf("sealed; --network FILE opens it\n");
		return;
	}
	seal_kdf(d->network.key, "meshd1 beacon", beacon_key);
	struct bytes_view sealed = { datagram.ptr + HEAD + NONCE,
		datagram.len - HEAD - NONCE };
	if (!seal_open_x(beacon_key, datagram.ptr + HEAD,
		bytes_view(datagram.ptr, HEAD), sealed, plain))
		printf("not of this network, or damaged\n");
	else
		show_bundle(d, bytes_view(plain, sealed.len - SEAL_TAG));
}

static void
show(const struct dump *d, struct bytes_view datagram)
{
	static const char *const kinds[] = { "beacon", "HS1", "HS2", "HS3", "cookie",
		"data" };
	struct bytes_in in = bytes_in(datagram);
	unsigned kind = (unsigned)bytes_u8(&in) - 0x10;
	if (in.failed || kind >= LENGTH(kinds)) {
		printf("no datagram of this protocol (%zu bytes)\n", datagram.len);
		return;
	}
	printf("%s, %zu bytes\n", kinds[kind], datagram.len);
	if (kind == 0) {
		show_beacon(d, datagram);
	} else if (kind == 1) {
		printf("hint %08x ", bytes_u32(&in));
		printf("sid %08x\n", bytes_u32(&in));
	} else {
		printf("sid %08x", bytes_u32(&in));
		if (kind == 5)
			printf(" counter %u", bytes_u32(&in));
		printf("\n");
	}
}

static int
show_hex(const struct dump *d, const char *hex)
{
	static uint8_t bytes[65536];
	struct bytes_out out = bytes_out(bytes, sizeof bytes);
	struct text_view digits = { hex, strcspn(hex, "\r\n") };
	if (digits.len == 0)
		return 0;
	if (text_hex_decode(digits, &out) != MESH_OK) {
		fprintf(stderr, "wiredump: not hex: %.40s\n", hex);
		return 1;
	}
	show(d, bytes_written(&out));
	return 0;
}

static int
read_network(const char *path, struct dump *d)
{
	char file[4096], why[256];
	struct bytes_out complaint = bytes_out(why, sizeof why);
	FILE *f = fopen(path, "r");
	size_t len = f != NULL ? fread(file, 1, sizeof file, f) : 0;
	if (f == NULL) {
		perror(path);
		return 1;
	}
	fclose(f);
	if (mesh_network_read(
		(struct text_view){ file, len }, &d->network, &complaint) != MESH_OK) {
		fprintf(stderr, "wiredump: %s: %s\n", path, text_end(&complaint));
		return 1;
	}
	d->has_network = true;
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct option flags[] = { { "network", required_argument, NULL,
						   'n' },
		{ "help", no_argument, NULL, 'h' }, { 0 } };
	struct dump d = { .has_network = false };
	char *line = NULL;
	size_t cap = 0;
	int code = 0;
	for (int c; (c = getopt_long(argc, argv, "n:h", flags, NULL)) != -1;) {
		if (c != 'n') {
			printf("usage: wiredump [--network FILE] [HEX...]   (or lines "
			       "on stdin)\n");
			return c == 'h' ? 0 : 2;
		}
		if (read_network(optarg, &d) != 0)
			return 1;
	}
	for (int i = optind; i < argc; i++)
		code |= show_hex(&d, argv[i]);
	while (optind >= argc && getline(&line, &cap, stdin) >= 0)
		code |= show_hex(&d, line);
	free(line);
	return code;
}
