#include "keeping.h"
#include "text.h"

static const char key[] = "replicate";

struct replica
keeping_others(const struct daemon *d)
{
	static const enum replica_part parts[] = {
		[REPLICATE_WORD_ALL] = REPLICA_WHOLE,
		[REPLICATE_WORD_INDEX] = REPLICA_INDEX,
		[REPLICATE_WORD_NONE] = REPLICA_NOTHING,
	};
	const struct registry_options *o = config_get(d->config, &registry_section, "");
	return replica_of(parts[o->replicate], o->types);
}

enum mesh_replicate
keeping_role(const struct daemon *d)
{
	if (d->world.others.most == REPLICA_NOTHING)
		return REPLICATE_NONE;
	return replica_is_partial(&d->world.others) ? REPLICATE_PART : REPLICATE_ALL;
}

static void
write_setting(const struct replica *r, struct bytes_out *out)
{
	bytes_put_u8(out, (uint8_t)r->most);
	bytes_put(out, r->types, r->types_len);
}

/* What was kept before `replicate = none` is not to be taken for what is still there;
 * what was left out while less was wanted is to come. */
enum mesh_err
keeping_begin(struct daemon *d)
{
	uint8_t was_room[REPLICA_TYPES + 1], is_room[REPLICA_TYPES + 1];
	struct bytes_out was = bytes_out(was_room, sizeof was_room);
	struct bytes_out is = bytes_out(is_room, sizeof is_room);
	struct bytes_view name = bytes_view(key, sizeof key - 1);
	write_setting(&d->world.others, &is);
	bool changed = store_kept(d->store, text("meshd"), name, &was) != MESH_OK ||
	    !bytes_equal(bytes_written(&was), bytes_written(&is));
	enum mesh_err err = MESH_OK;
	if (d->world.others.most == REPLICA_NOTHING)
		err = store_forget_others(d->store, LANE_REGISTRY, &d->identity.key);
	else if (changed)
		err = store_recall_others(d->store, LANE_REGISTRY, &d->identity.key);
	if (err == MESH_OK && changed)
		err = store_keep_now(d->store, text("meshd"), name, bytes_written(&is));
	return err;
}
