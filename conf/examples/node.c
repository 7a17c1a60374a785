/* A site of the mesh without radio and disk, behind one meshd: docs/LIBRARY.md.
 * node NETWORK-FILE KEY-FILE ADDRESS PORT TEXT: `user/me` is TEXT at all sites. */
#include <arpa/inet.h>
#include <ctype.h>
#include <meshparams.h>
#include <meshshelf.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#define MS(t) ((t).tv_sec * 1000 + (t).tv_nsec / 1000000)
static struct mesh_now
now(void)
{
	struct timespec m, u;
	clock_gettime(CLOCK_MONOTONIC, &m);
	clock_gettime(CLOCK_REALTIME, &u);
	return (struct mesh_now){ (uint64_t)MS(m), MS(u), 0 };
}
static void
draw(void *ctx, uint8_t *out, size_t len)
{
	if (ctx != NULL || getrandom(out, len, 0) != (ssize_t)len)
		abort();
}
static struct text_view
slurp(const char *path, char room[4096])
{
	FILE *f = fopen(path, "r");
	return (struct text_view){ room, f != NULL ? fread(room, 1, 4096, f) : 0 };
}
int
main(int argc, char **argv)
{
	static struct mesh_shelf shelf; /* what we said, in place of a database */
	struct mesh_network net;
	struct mesh_identity id;
	struct mesh_params p = { .identity = &id, .network = &net, .random = draw };
	struct mesh_site *site;
	struct bytes_view key;
	struct mesh_event e;
	struct mesh_datagram out;
	char in[4096], body[64];
	struct bytes_out why = bytes_out(body, sizeof body);
	p.boot = (uint64_t)now().unix_ms; /* higher at each start */
	if (argc != 6 || strlen(argv[5]) > 31 ||
	    mesh_network_read(slurp(argv[1], in), &net, &why) != MESH_OK ||
	    mesh_identity_read(slurp(argv[2], in), &id) != MESH_OK ||
	    mesh_site_new(&site, &p, now()) != MESH_OK)
		return 1;
	uint16_t port = (uint16_t)atoi(argv[4]);
	struct sockaddr_in at = { AF_INET, htons(port), { inet_addr(argv[3]) }, { 0 } };
	struct mesh_path path = mesh_path_v4(ntohl(at.sin_addr.s_addr), port);
	struct pollfd udp = { socket(AF_INET, SOCK_DGRAM, 0), POLLIN, 0 };
	connect(udp.fd, (struct sockaddr *)&at, sizeof at);
	mesh_site_seed(site, &path, now());
	/* msgpack: an array of a bin, the key, and a short str, the value */
	int n = snprintf(body, 64, "\x92\xc4\x07user/me%c%s", ' ', argv[5]);
	body[10] = (char)(0xa0 | (n - 11));
	struct mesh_draft put = { LANE_STATE, RECORD_PUT, .body = bytes_view(body, n) };
	for (uint64_t seq = 0;; mesh_site_tick(site, now())) {
		if (seq == 0 && mesh_site_append(site, &put, &seq, now()) != MESH_OK)
			seq = 0; /* not before the others told what they hold of us */
		while (mesh_site_next_event(site, &e)) {
			bool keyed = mesh_record_key(&e.record, &key);
			for (size_t i = 0; keyed && i < key.len; i++)
				putchar(isprint(key.ptr[i]) ? key.ptr[i] : '?');
			if (keyed || e.kind == MESH_RECORD)
				printf(" in lane %d\n", e.record.at.lane);
			mesh_shelf_event(&shelf, site, &e, now());
		}
		while (mesh_site_next_datagram(site, &out))
			if (memcmp(&out.to, &path, sizeof path) == 0)
				send(udp.fd, out.bytes.ptr, out.bytes.len, 0);
		ssize_t got = poll(&udp, 1, 20) > 0 ? recv(udp.fd, in, 4096, 0) : 0;
		if (got > 0)
			mesh_site_receive(site, &path, bytes_view(in, got), now());
	}
}
