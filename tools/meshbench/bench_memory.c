#include "bench.h"
#include "meshparams.h"
#include <stdio.h>
#include <string.h>

int
bench_memory(const struct bench_options *o, struct bench_report *r)
{
	static const uint32_t peers[] = { 64, 256, 1024 };
	static const char *const names[] = { "peers_64", "peers_256", "peers_1024" };
	(void)o;
	r->unit = "bytes taken by the core at start, 1024 peers (less is better)";
	for (size_t i = 0; i < LENGTH(peers); i++) {
		uint64_t seed = 1;
		uint8_t secret[48];
		struct mesh_identity identity;
		struct mesh_network network;
		bench_random(&seed, secret, sizeof secret);
		mesh_identity_of(secret, &identity);
		mesh_network_of(&identity.key, secret, false, &network);
		struct mesh_params params = { .limits = { .peers = peers[i],
						  .origins = peers[i] },
			.identity = &identity,
			.network = &network,
			.name = { "bench", 5 },
			.boot = 1,
			.fresh = true,
			.epoch = 1,
			.random = bench_random,
			.random_ctx = &seed };
		struct mesh_site *site;
		if (mesh_site_new(&site, &params,
			(struct mesh_now){ .ms = 1, .unix_ms = 1764000000000 }) !=
		    MESH_OK) {
			fprintf(stderr, "meshbench: the core could not be made\n");
			return 1;
		}
		bench_add(r, names[i], (double)mesh_site_memory(site));
		r->value = (double)mesh_site_memory(site);
		mesh_site_free(site);
	}
	return 0;
}
