#include "introduce.h"
#include "address.h"
#include "id.h"
#include "seal.h"
#include "text.h"
#include "wire.h"
#include <assert.h>

void
introduce_write(const struct introduce *self, uint32_t sid, const struct mesh_path *to,
    struct bytes_out *out)
{
	char name[MESSAGE_INFO_NAME_MAX];
	struct bytes_out clean = bytes_out(name, sizeof name);
	struct hand_info info = { .site = self->key,
		.sid = sid,
		.boot = self->boot,
		.boot_id = bytes_view(self->boot_id, sizeof self->boot_id),
		.proto_min = self->proto_min,
		.proto_max = self->proto_max,
		.features = self->features,
		.observed = address_wire(to),
		.ping_s = self->ping_s };

	text_put_clean(&clean, bytes_view(self->name.ptr, self->name.len), sizeof name);
	if (self->has_cert)
		info.cert_hash = bytes_view(self->cert_hash, sizeof self->cert_hash);
	if (clean.len > 0)
		info.name = text_written(&clean);
	enum mesh_err err = wire_encode(&hand_info_table, &info, out);
	assert(err == MESH_OK); /* every member is within its row's bounds */
	(void)err;
}

static void
keep_name(struct session_peer *peer, struct text_view name)
{
	peer->name_len = (uint8_t)(name.len < sizeof peer->name ? name.len
								: sizeof peer->name);
	if (peer->name_len > 0)
		memcpy(peer->name, name.ptr, peer->name_len);
}

static bool
versions_meet(
    const struct introduce *self, const struct hand_info *info, uint8_t *agreed)
{
	uint8_t low = self->proto_min, high = self->proto_max;

	low = info->proto_min > low ? info->proto_min : low;
	high = info->proto_max < high ? info->proto_max : high;
	*agreed = high;
	return low <= high && info->proto_min <= info->proto_max;
}

static bool
is_who_it_says(const struct introduce *self, const struct mesh_key *site,
    const uint8_t proved[static NOISE_KEY])
{
	uint8_t image[SEAL_KEY];

	return seal_is_sound(site->bytes) && seal_link_public(site->bytes, image) &&
	    seal_equal(image, proved, sizeof image) && !key_equal(site, &self->key);
}

enum mesh_counter
introduce_read(const struct introduce *self, struct bytes_view bytes,
    const uint8_t proved[static NOISE_KEY], struct session_start *out)
{
	struct session_peer *peer = &out->peer;
	struct hand_info info;

	if (wire_decode(&hand_info_table, bytes, &info, NULL) != MESH_OK ||
	    info.sid == 0 || !address_read_wire(info.observed, &peer->observed))
		return COUNT_RX_SHAPE;
	memcpy(peer->boot_id, info.boot_id.ptr, sizeof peer->boot_id);
	peer->key = info.site;
	if (!is_who_it_says(self, &info.site, proved))
		return COUNT_RX_HS_IDENTITY;
	if (!versions_meet(self, &info, &peer->proto))
		return COUNT_RX_HS_VERSION;
	out->sid_remote = info.sid;
	peer->boot = info.boot;
	peer->ping_s = info.ping_s;
	peer->has_cert = info.cert_hash.ptr != NULL;
	peer->features = info.features & self->features;
	keep_name(peer, info.name);
	return COUNT_RX_TAKEN;
}
