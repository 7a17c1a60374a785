#include "outbox_world.h"
#include "check_mesh.h"
#include "text.h"

static struct ports *ports;
static struct air *air;
static struct outbox *outbox;
static struct meshd_counts counts;

static void
draw(void *ctx, uint8_t *out, size_t len)
{
	(void)ctx;
	rng_bytes(out, len);
}

void
outbox_world_start(bool tx)
{
	const struct radio_section section = { .driver = DRIVER_SIM, .sim_seed = 1 };
	outbox_free(outbox);
	air_free(air);
	ports_free(ports);
	fake_start();
	ports = ports_new(&(struct ports_params){ .counts = &counts });
	air = air_new(&(struct air_params){ ports, &counts });
	outbox = outbox_new(&(struct outbox_params){ .air = air,
	    .ports = ports,
	    .feed = fake.feed,
	    .counts = &counts,
	    .site = text("home"),
	    .random = draw });
	fake.world.outbox = outbox;
	fake.world.random = draw;
	ck_assert_int_eq(
	    ports_put(ports, text("roof"), &section, fake.world.now), MESH_OK);
	air_permit(air, text("roof"), tx);
	ports_tick(ports, fake.world.now);
}

void
outbox_world_kept(enum mesh_err err)
{
	uint64_t token = fake.kept_token;
	fake.kept_token = 0;
	if (token == 0)
		return;
	uint64_t caller = outbox_kept(outbox, STORE_NUMBER(token), err, fake.world.now);
	if (caller != 0)
		calls_appended(fake.calls, caller, err);
}

struct call *
outbox_world_call(enum op_number op, const char *id, const char *body)
{
	struct call *call = fake_call(op, id, body);
	outbox_world_kept(MESH_OK);
	return call;
}
