#include "model_world.h"
#include "id.h"
#include "text.h"

struct mesh_key
world_key(uint8_t n)
{
	struct mesh_key key;
	memset(key.bytes, n, sizeof key.bytes);
	return key;
}

struct mesh_position
world_at(uint8_t site, enum mesh_lane lane, uint64_t seq)
{
	return (struct mesh_position){
		.origin = world_key(site), .epoch = 1, .seq = seq, .lane = lane
	};
}

/* MeshPacket { decoded { portnum TEXT_MESSAGE_APP, payload "hi" } } */
static const uint8_t raw_hi[] = { 0x22, 6, 8, 1, 0x12, 2, 'h', 'i' };

struct reception
world_reception(uint32_t from, uint32_t id, unix_ms time_ms)
{
	return (struct reception){
		.has = 1 << RECEPTION_PACKET | 1 << RECEPTION_NETWORK |
		    1 << RECEPTION_FROM | 1 << RECEPTION_TYPE | 1 << RECEPTION_CHANNEL |
		    1 << RECEPTION_HOP_LIMIT | 1 << RECEPTION_HOP_START |
		    1 << RECEPTION_RSSI | 1 << RECEPTION_SNR | 1 << RECEPTION_TIME |
		    1 << RECEPTION_VIA | 1 << RECEPTION_RADIO | 1 << RECEPTION_RAW,
		.packet = id_of_packet(ID_MT_PACKET, from, id),
		.network = NETWORK_MESHTASTIC,
		.from = id_of_node(ID_MT_NODE, from),
		.type = 1,
		.hop_limit = 3,
		.hop_start = 3,
		.rssi = -90,
		.snr = 6.25f,
		.time_ms = time_ms,
		.radio = text("roof"),
		.raw = bytes_view(raw_hi, sizeof raw_hi),
	};
}

const char *
world_json(const struct field_table *t, const void *object)
{
	static char pool[4][64 * 1024];
	static size_t next;
	char *to = pool[next++ % LENGTH(pool)];
	struct bytes_out out = bytes_out(to, sizeof pool[0]);
	struct json_out json = json_out(&out);
	describe_json(t, object, AUDIENCE_OPERATOR, &json);
	ck_assert(!out.failed);
	return text_end(&out);
}

void
world_shuffle(size_t *order, size_t count)
{
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		size_t k = rng_u64() % i, keep = order[i - 1];
		order[i - 1] = order[k];
		order[k] = keep;
	}
}

struct sites
world_sites(size_t count)
{
	static struct site_name slots[64];
	struct sites sites = sites_init(slots, LENGTH(slots));
	for (size_t i = 1; i <= count; i++) {
		char name[8];
		struct mesh_position at = world_at((uint8_t)i, LANE_STATE, 1);
		snprintf(name, sizeof name, "s%zu", i);
		sites_put(&sites, &at, text(name));
	}
	return sites;
}
