#include "mt_redact.h"
#include "mt_codec.h"
#include "text.h"

/* Texts and bytes that stay; all others go. */
static const char *const plain[] = {
	"id",
	"firmware_version",
	"pio_env",
	"file_name",
	"lock_reason",
};
/* Numbers that go; all others stay. */
static const char *const secret_numbers[] = {
	"latitude_i",
	"longitude_i",
	"latitude",
	"longitude",
	"altitude",
	"altitude_hae",
	"altitude_geoidal_separation",
	"west",
	"south",
	"east",
	"north",
	"fixed_pin",
	"pin",
	"ip",
	"gateway",
	"subnet",
	"dns",
	"ip_address",
};

struct open { /* a message that is being walked */
	struct bytes_in in;
	const struct protobuf_table *table;
	uint32_t port; /* mt_data: whose payload it is */
};
struct walk {
	struct open open[TREE_DEPTH];
	size_t depth;
	bool failed;
};

static bool
is_in(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static bool
is_secret(const struct protobuf_table *t, const struct protobuf_field *row)
{
	bool loose = row->kind == PROTOBUF_TEXT || row->kind == PROTOBUF_BYTES;
	if (row->kind == PROTOBUF_SUB || t == &mt_client_notification)
		return false; /* its parts are looked at; the firmware's own words */
	return loose ? !is_in(row->name, plain, LENGTH(plain))
		     : is_in(row->name, secret_numbers, LENGTH(secret_numbers));
}

/* --- blanking --- */

/* The bytes are the caller's own; the reader lends them without saying so. */
static uint8_t *
own(const uint8_t *ptr)
{
	union {
		const uint8_t *lent;
		uint8_t *own;
	} u = { .lent = ptr };
	return u.own;
}

static void
blank_bytes(struct bytes_view v, bool is_text)
{
	if (v.len > 0)
		memset(own(v.ptr), is_text ? 'x' : 0, v.len);
}

/* The number between the field's key and `end`, as long as it was. */
static void
blank_number(const uint8_t *key, const uint8_t *end, uint8_t wire)
{
	while ((*key & 0x80) != 0)
		key++;
	size_t len = (size_t)(end - (key + 1));
	memset(own(key + 1), wire == WIRE_VARINT ? 0x80 : 0, len);
	if (len > 0)
		*own(end - 1) = 0;
}

static void
blank(const struct protobuf_item *f, const struct protobuf_field *row,
    const uint8_t *key, const uint8_t *end)
{
	if (f->wire == WIRE_LEN || f->wire == WIRE_GROUP)
		blank_bytes(f->bytes, row != NULL && row->kind == PROTOBUF_TEXT);
	else
		blank_number(key, end, f->wire);
}

/* --- walking --- */

static uint32_t
port_of(struct bytes_view data)
{
	struct bytes_in in = bytes_in(data);
	struct protobuf_item f;
	uint32_t port = 0;
	while (protobuf_next(&in, &f))
		if (f.number == 1 && f.wire == WIRE_VARINT)
			port = (uint32_t)f.value;
	return port;
}

static void
enter(struct walk *w, struct bytes_view message, const struct protobuf_table *t)
{
	if (w->depth == LENGTH(w->open))
		blank_bytes(message, false); /* deeper than anything that we know */
	else
		w->open[w->depth++] = (struct open){ bytes_in(message), t,
			t == &mt_data ? port_of(message) : 0 };
}

/* What a packet carries is read by its port; what is no message of it is blanked. */
static void
enter_payload(struct walk *w, struct bytes_view payload, uint32_t port)
{
	const struct protobuf_table *t = mt_payload_table(port);
	struct bytes_in in = bytes_in(payload);
	struct protobuf_item f;
	while (t != NULL && protobuf_next(&in, &f))
		;
	if (t == NULL || in.failed)
		blank_bytes(payload, mt_port_is_text(port));
	else
		enter(w, payload, t);
}

/* Bytes where none belong, also those of a secret by another way of writing. */
static bool
is_misplaced(const struct protobuf_item *f, const struct protobuf_field *row)
{
	return f->wire == WIRE_GROUP ||
	    (f->wire == WIRE_LEN && protobuf_wire_of(row->kind) != WIRE_LEN &&
		row->rule != PROTOBUF_REPEATED);
}

static void
look(struct walk *w, struct open *o, const struct protobuf_item *f, const uint8_t *key)
{
	const struct protobuf_field *row = protobuf_row(o->table, f->number);
	bool payload = o->table == &mt_data && row != NULL &&
	    strcmp(row->name, "payload") == 0;
	if (payload && f->wire == WIRE_LEN)
		enter_payload(w, f->bytes, o->port);
	else if (row == NULL || is_secret(o->table, row) || is_misplaced(f, row))
		blank(f, row, key, o->in.ptr);
	else if (row->kind == PROTOBUF_SUB && f->wire == WIRE_LEN)
		enter(w, f->bytes, row->sub);
}

static void
step(struct walk *w)
{
	struct open *o = &w->open[w->depth - 1];
	const uint8_t *key = o->in.ptr;
	struct protobuf_item f;
	if (protobuf_next(&o->in, &f)) {
		look(w, o, &f, key);
		return;
	}
	w->failed = w->failed || o->in.failed;
	w->depth--;
}

void
mt_redact(enum mt_redact_side side, uint8_t *payload, size_t len)
{
	struct walk w = { 0 };
	enter(&w, bytes_view(payload, len),
	    side == MT_TO_RADIO ? &mt_to_radio : &mt_from_radio);
	while (w.depth > 0)
		step(&w);
	if (w.failed && len > 0)
		memset(payload, 0, len);
}
