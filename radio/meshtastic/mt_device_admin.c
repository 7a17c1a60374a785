#include "mt_device_inside.h"

enum { CANNED_MESSAGES = 36, RINGTONE = 37, PASSKEY = 101 };

static void
tell_self(struct mt_device *d, const struct mt_packet *p, uint32_t port,
    struct bytes_view payload)
{
	bool ack = port == MT_PORT_ROUTING;
	struct device_say say = { .from = d->number,
		.to = d->number,
		.id = device_draw(d),
		.port = port,
		.request_id = p->id,
		.hop_limit = DEVICE_HOPS,
		.priority = ack ? PRIORITY_ACK : PRIORITY_RELIABLE,
		.pki = p->pki_encrypted,
		.payload = payload };
	if (p->want_response || !ack) /* a mere ACK never sees the queue */
		device_status(d, RESULT_OK, say.id);
	device_tell(d, &say);
}

/* --- being asked --- */

static const struct getter {
	uint32_t request, kind; /* the response is the next member */
	int32_t shift;          /* from what is asked for to its key */
} getters[] = {
	{ 1, FROM_CHANNEL, -1 },
	{ 3, FROM_NODE_INFO, 0 },
	{ 5, FROM_CONFIG, 1 },
	{ 7, FROM_MODULE_CONFIG, 1 },
	{ 10, FROM_ANSWERS, CANNED_MESSAGES - 1 },
	{ 12, FROM_METADATA, -1 },
	{ 14, FROM_ANSWERS, RINGTONE - 1 },
	{ 16, 0, 0 }, /* connections, pins: none */
	{ 19, 0, 0 },
	{ 44, FROM_DEVICE_UI, -1 },
};

static bool
get(struct mt_device *d, const struct mt_packet *p, const struct protobuf_item *f)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	for (size_t i = 0; i < LENGTH(getters); i++) {
		const struct getter *g = &getters[i];
		struct bytes_view value = { NULL, 0 };
		if (g->request != f->number)
			continue;
		d->asked += g->kind == FROM_ANSWERS;
		if (g->kind == FROM_ANSWERS && d->fault == MT_FAULT_MUTE)
			return true;
		if (g->kind == FROM_NODE_INFO)
			value = device_own_user(d);
		else if (g->kind != 0)
			value = mt_cache_get(&d->cache, g->kind,
			    (uint32_t)f->value + (uint32_t)g->shift);
		protobuf_put_key(&out, g->request + 1, WIRE_LEN);
		protobuf_put_varint(&out, value.len);
		bytes_put_view(&out, value);
		protobuf_put_key(&out, PASSKEY, WIRE_LEN);
		protobuf_put_varint(&out, sizeof d->passkey);
		bytes_put(&out, d->passkey, sizeof d->passkey);
		if (!out.failed)
			tell_self(d, p, MT_PORT_ADMIN, bytes_written(&out));
		return true;
	}
	return false;
}

/* --- being changed --- */

typedef void set_fn(struct mt_device *d, const struct protobuf_item *f);

static void
keep_as(struct mt_device *d, uint32_t kind, struct bytes_view message)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out out = bytes_out(block, sizeof block);
	protobuf_put_key(&out, kind, WIRE_LEN);
	protobuf_put_varint(&out, message.len);
	bytes_put_view(&out, message);
	if (!out.failed)
		(void)mt_device_keep(d, bytes_written(&out));
}

static void
boot_in(struct mt_device *d, int64_t ms)
{
	d->boot_ms = d->now.ms + (ms > 0 ? (mesh_time_ms)ms : 0);
}

/* Sections that are saved are booted into; several at once by an edit. */
static void
boot_to_save(struct mt_device *d)
{
	if (!d->editing)
		boot_in(d, DEVICE_SAVE_MS);
}

static void
set_owner(struct mt_device *d, const struct protobuf_item *f)
{
	device_set_own_user(d, f->bytes);
}

static void
set_channel(struct mt_device *d, const struct protobuf_item *f)
{
	keep_as(d, FROM_CHANNEL, f->bytes);
}

static void
set_config(struct mt_device *d, const struct protobuf_item *f)
{
	keep_as(d, FROM_CONFIG, f->bytes);
	boot_to_save(d);
}

static void
set_module_config(struct mt_device *d, const struct protobuf_item *f)
{
	keep_as(d, FROM_MODULE_CONFIG, f->bytes);
	boot_to_save(d);
}

static void
set_ui(struct mt_device *d, const struct protobuf_item *f)
{
	keep_as(d, FROM_DEVICE_UI, f->bytes);
}

/* Nothing that it starts anew for, and no part of an edit. */
static void
set_text(struct mt_device *d, const struct protobuf_item *f)
{
	(void)mt_cache_put(&d->cache, FROM_ANSWERS, f->number, f->bytes);
}

/* It is told to the mesh at once, and the client hears so. */
static void
set_position(struct mt_device *d, const struct protobuf_item *f)
{
	uint8_t block[DEVICE_MESSAGE_MAX];
	struct bytes_out payload = bytes_out(block, sizeof block);
	device_set_own_position(d, f->bytes);
	if (!device_put_position(d, &payload))
		return;
	struct device_say say = { .from = d->number,
		.to = MT_BROADCAST,
		.id = device_draw(d),
		.port = MT_PORT_POSITION,
		.hop_limit = DEVICE_HOPS,
		.hop_start = DEVICE_HOPS,
		.relay = d->number & 0xff,
		.priority = PRIORITY_BACKGROUND,
		.bitfield = true,
		.payload = bytes_written(&payload) };
	device_status(d, device_send(d, &say), say.id);
	device_tell(d, &say);
}

static void
remove_position(struct mt_device *d, const struct protobuf_item *f)
{
	(void)f;
	device_remove_own_position(d);
}

static void
set_time(struct mt_device *d, const struct protobuf_item *f)
{
	d->clock_set = true;
	d->clock_ms = (unix_ms)f->value * 1000 - d->now.unix_ms;
}

static void
begin_edit(struct mt_device *d, const struct protobuf_item *f)
{
	(void)f;
	if (!d->editing)
		device_save(d);
	d->editing = true;
}

static void
commit_edit(struct mt_device *d, const struct protobuf_item *f)
{
	(void)f;
	d->editing = false;
	boot_to_save(d);
}

static void
remove_node(struct mt_device *d, const struct protobuf_item *f)
{
	if ((uint32_t)f->value != d->number)
		mt_cache_remove(&d->cache, FROM_NODE_INFO, (uint32_t)f->value);
}

static void
reset_nodes(struct mt_device *d, const struct protobuf_item *f)
{
	(void)f;
	device_forget(d, false);
	boot_to_save(d);
}

/* The device comes back as another: its number is drawn anew. */
static void
reset_all(struct mt_device *d, const struct protobuf_item *f)
{
	(void)f;
	d->forgets = true;
	boot_in(d, DEVICE_SAVE_MS);
}

static void
reboot(struct mt_device *d, const struct protobuf_item *f)
{
	boot_in(d, (int64_t)(int32_t)f->value * 1000);
}

static const struct setter {
	uint32_t number;
	set_fn *set;
} setters[] = {
	{ 32, set_owner },
	{ 33, set_channel },
	{ 34, set_config },
	{ 35, set_module_config },
	{ CANNED_MESSAGES, set_text },
	{ RINGTONE, set_text },
	{ 38, remove_node },
	{ 41, set_position },
	{ 42, remove_position },
	{ 43, set_time },
	{ 46, set_ui },
	{ 64, begin_edit },
	{ 65, commit_edit },
	{ 94, reset_all },
	{ 97, reboot },
	{ 99, reset_all },
	{ 100, reset_nodes },
};

static void
acknowledge(struct mt_device *d, const struct mt_packet *p)
{
	uint8_t block[8];
	struct bytes_out out = bytes_out(block, sizeof block);
	device_put_routing(&out, ROUTING_NONE);
	if (p->want_ack || p->want_response)
		tell_self(d, p, MT_PORT_ROUTING, bytes_written(&out));
}

/* What has no row above is taken and changes nothing, as by a board without the part.
 */
void
device_administer(struct mt_device *d, const struct mt_packet *p)
{
	struct bytes_in in = bytes_in(p->payload);
	struct protobuf_item f, last = { 0 };
	while (protobuf_next(&in, &f))
		if (f.number != PASSKEY)
			last = f;
	if (d->fault == MT_FAULT_DIES && --d->fault_n == 0) {
		d->fault = MT_FAULT_NONE;
		boot_in(d, 0);
		return;
	}
	if (in.failed || get(d, p, &last))
		return;
	for (size_t i = 0; i < LENGTH(setters); i++)
		if (setters[i].number == last.number)
			setters[i].set(d, &last);
	acknowledge(d, p);
}
