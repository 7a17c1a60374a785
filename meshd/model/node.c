#include "node.h"
#include "foremost.h"
#include "id.h"
#include "text.h"
#include <string.h>

/* clang-format off */
static const struct field position_rows[] = {
	FIELD(struct node_position, lat, UNIT_DEGREE, FIELD_PRIVATE, -90, 90, "Latitude."),
	FIELD(struct node_position, lon, UNIT_DEGREE, FIELD_PRIVATE, -180, 180, "Longitude."),
	FIELD(struct node_position, alt_m, UNIT_M, FIELD_PRIVATE, -20000, 100000, "Altitude above the sea."),
	FIELD(struct node_position, precision, UNIT_NONE, 0, 0, 64, "Bits of each coordinate that mean something."),
};
const struct field_table node_position_table = { "position", position_rows,
	LENGTH(position_rows), sizeof(struct node_position), offsetof(struct node_position, has), false };

static const struct field battery_rows[] = {
	FIELD(struct node_battery, percent, UNIT_PERCENT, FIELD_SERIES, 0, 0, "Charge; above 100: powered from outside."),
	FIELD(struct node_battery, volts, UNIT_VOLT, FIELD_SERIES, 0, 1000, "Voltage."),
};
const struct field_table node_battery_table = { "battery", battery_rows,
	LENGTH(battery_rows), sizeof(struct node_battery), offsetof(struct node_battery, has), false };

static const struct field facts_rows[] = {
	FIELD(struct node_facts, long_name, UNIT_NONE, 0, 0, NODE_NAME_MAX, "The node's name."),
	FIELD(struct node_facts, short_name, UNIT_NONE, 0, 0, NODE_WORD_MAX, "Its short name."),
	FIELD(struct node_facts, role, UNIT_NONE, 0, 0, NODE_WORD_MAX, "Its role in the network's words."),
	FIELD(struct node_facts, hardware, UNIT_NONE, 0, 0, NODE_WORD_MAX, "Its hardware."),
	FIELD(struct node_facts, firmware, UNIT_NONE, 0, 0, NODE_WORD_MAX, "Its software."),
	FIELD(struct node_facts, named_ms, UNIT_UNIX_MS, 0, 0, 0, "When its names were learnt."),
	FIELD_SUB(struct node_facts, position, &node_position_table, 0, 0, 0, "Where it says it is."),
	FIELD(struct node_facts, position_ms, UNIT_UNIX_MS, 0, 0, 0, "When that was learnt."),
	FIELD_SUB(struct node_facts, battery, &node_battery_table, 0, 0, 0, "Its power."),
	FIELD(struct node_facts, battery_ms, UNIT_UNIX_MS, 0, 0, 0, "When that was learnt."),
	FIELD(struct node_facts, first_ms, UNIT_UNIX_MS, 0, 0, 0, "First heard by this site."),
	FIELD(struct node_facts, last_ms, UNIT_UNIX_MS, 0, 0, 0, "Last heard by this site."),
	FIELD(struct node_facts, rssi, UNIT_DBM, 0, 0, 0, "Signal strength then."),
	FIELD(struct node_facts, snr, UNIT_DB, 0, 0, 0, "Signal over noise then."),
	FIELD(struct node_facts, hops, UNIT_COUNT, 0, 0, 0, "Relays between."),
	FIELD(struct node_facts, direct, UNIT_NONE, 0, 0, 0, "Heard without a relay."),
	FIELD(struct node_facts, id, UNIT_NONE, 0, 0, 0, "The node."),
};
const struct field_table node_facts_table = { "node facts", facts_rows,
	LENGTH(facts_rows), sizeof(struct node_facts), offsetof(struct node_facts, has), false };

static const struct field hearing_rows[] = {
	FIELD(struct node_hearing, first_ms, UNIT_UNIX_MS, FIELD_REQUIRED, 0, 0, "First heard."),
	FIELD(struct node_hearing, last_ms, UNIT_UNIX_MS, FIELD_REQUIRED, 0, 0, "Last heard."),
	FIELD(struct node_hearing, rssi, UNIT_DBM, 0, 0, 0, "Signal strength then."),
	FIELD(struct node_hearing, snr, UNIT_DB, 0, 0, 0, "Signal over noise then."),
	FIELD(struct node_hearing, hops, UNIT_COUNT, 0, 0, 0, "Relays between."),
	FIELD(struct node_hearing, direct, UNIT_NONE, 0, 0, 0, "Heard without a relay."),
	FIELD(struct node_hearing, epoch, UNIT_NONE, 0, 0, 0, "Of the record that says so."),
	FIELD(struct node_hearing, seq, UNIT_NONE, 0, 0, 0, "Of the record that says so."),
};
const struct field_table node_hearing_table = { "hearing", hearing_rows,
	LENGTH(hearing_rows), sizeof(struct node_hearing), offsetof(struct node_hearing, has), false };

enum { HEARD_SITE, HEARD_LAST, HEARD_RSSI, HEARD_SNR, HEARD_HOPS, HEARD_DIRECT };
static const struct field heard_rows[] = {
	FIELD(struct node_heard, site, UNIT_NONE, 0, 0, 0, "The site that hears it."),
	FIELD(struct node_heard, last_ms, UNIT_UNIX_MS, 0, 0, 0, "When it did last."),
	FIELD(struct node_heard, rssi, UNIT_DBM, 0, 0, 0, "Signal strength then."),
	FIELD(struct node_heard, snr, UNIT_DB, 0, 0, 0, "Signal over noise then."),
	FIELD(struct node_heard, hops, UNIT_COUNT, 0, 0, 0, "Relays between."),
	FIELD(struct node_heard, direct, UNIT_NONE, 0, 0, 0, "Heard without a relay."),
};
const struct field_table node_heard_table = { "heard", heard_rows, LENGTH(heard_rows),
	sizeof(struct node_heard), offsetof(struct node_heard, has), false };

static const struct field node_rows[] = {
	FIELD_WORDS(struct node, network, 0, radio_network_words, "The radio network."),
	FIELD(struct node, id, UNIT_NONE, 0, 0, 0, "The node."),
	FIELD(struct node, long_name, UNIT_NONE, 0, 0, 0, "Its name."),
	FIELD(struct node, short_name, UNIT_NONE, 0, 0, 0, "Its short name."),
	FIELD(struct node, role, UNIT_NONE, 0, 0, 0, "Its role in the network's words."),
	FIELD(struct node, hardware, UNIT_NONE, 0, 0, 0, "Its hardware."),
	FIELD(struct node, firmware, UNIT_NONE, 0, 0, 0, "Its software."),
	FIELD_SUB(struct node, position, &node_position_table, FIELD_PRIVATE, 0, 0, "Where it says it is."),
	FIELD_SUB(struct node, battery, &node_battery_table, 0, 0, 0, "Its power."),
	FIELD_SUB(struct node, heard, &node_heard_table, 0, 0, 0, "Which sites hear it, newest first."),
	FIELD(struct node, first_ms, UNIT_UNIX_MS, 0, 0, 0, "First heard by any site."),
	FIELD(struct node, last_ms, UNIT_UNIX_MS, 0, 0, 0, "Last heard by any site."),
};
const struct field_table node_table = { "node", node_rows, LENGTH(node_rows),
	sizeof(struct node), offsetof(struct node, has), false };

static const struct { uint8_t kind; enum radio_network network; } networks[] = {
	{ ID_MT_NODE, NETWORK_MESHTASTIC }, { ID_MC_NODE, NETWORK_MESHCORE },
	{ ID_SIM_NODE, NETWORK_SIM },
};
/* clang-format on */

enum radio_network
node_network(const struct id *id)
{
	for (size_t i = 0; i < LENGTH(networks); i++) {
		if (networks[i].kind == id->kind)
			return networks[i].network;
	}
	return NETWORK_NONE;
}

static bool
has(uint64_t bits, unsigned row)
{
	return (bits >> row & 1) != 0;
}

/* `has` bits of one struct as bits of another. */
struct bit_pair {
	uint8_t from, to;
};
static uint64_t
bits_as(uint64_t bits, const struct bit_pair *pairs, size_t count)
{
	uint64_t out = 0;
	for (size_t i = 0; i < count; i++)
		out |= (bits >> pairs[i].from & 1) << pairs[i].to;
	return out;
}

bool
node_hearing_of(
    const struct mesh_position *at, const struct reception *r, struct node_hearing *out)
{
	static const struct bit_pair pairs[] = { { RECEPTION_RSSI, HEARING_RSSI },
		{ RECEPTION_SNR, HEARING_SNR } };
	uint8_t hops = 0;
	if (!has(r->has, RECEPTION_FROM) || (r->via & VIA_ECHO) ||
	    node_network(&r->from) == NETWORK_NONE)
		return false;
	bool known = reception_hops(r, &hops);
	*out = (struct node_hearing){
		.has = 1 << HEARING_FIRST_MS | 1 << HEARING_LAST_MS |
		    1 << HEARING_EPOCH | 1 << HEARING_SEQ |
		    bits_as(r->has, pairs, LENGTH(pairs)),
		.first_ms = reception_heard_ms(r),
		.last_ms = reception_heard_ms(r),
		.rssi = r->rssi,
		.snr = r->snr,
		.hops = hops,
		.direct = known && hops == 0 && !(r->via & VIA_MQTT),
		.epoch = at->epoch,
		.seq = 2 * at->seq + 1,
	};
	if (known)
		out->has |= 1 << HEARING_HOPS | 1 << HEARING_DIRECT;
	return true;
}

static int
newer(unix_ms a_ms, uint64_t a_epoch, uint64_t a_seq, unix_ms b_ms, uint64_t b_epoch,
    uint64_t b_seq)
{
	if (a_ms != b_ms)
		return a_ms > b_ms ? 1 : -1;
	if (a_epoch != b_epoch)
		return a_epoch > b_epoch ? 1 : -1;
	return (a_seq > b_seq) - (a_seq < b_seq);
}

void
node_hearing_add(struct node_hearing *into, const struct node_hearing *other)
{
	unix_ms first_ms = into->first_ms < other->first_ms ? into->first_ms
							    : other->first_ms;
	if (newer(other->last_ms, other->epoch, other->seq, into->last_ms, into->epoch,
		into->seq) > 0)
		*into = *other;
	into->first_ms = first_ms;
}

struct node_fold
node_fold(const struct id *id)
{
	return (struct node_fold){ .id = *id };
}

static void
fold_times(struct node_fold *f, unix_ms first_ms, unix_ms last_ms)
{
	if (!f->heard_before || first_ms < f->first_ms)
		f->first_ms = first_ms;
	if (!f->heard_before || last_ms > f->last_ms)
		f->last_ms = last_ms;
	f->heard_before = true;
}

/* Newest first; the same instant at two sites: by key. */
static int
heard_compare(const void *left, const void *right)
{
	const struct node_heard *a = left, *b = right;
	if (a->last_ms != b->last_ms)
		return a->last_ms > b->last_ms ? -1 : 1;
	int order = key_compare(&a->key, &b->key);
	return order != 0 ? order : -newer(0, a->epoch, a->seq, 0, b->epoch, b->seq);
}

/* The 16 newest stay; what fell out can come back only by being newer. */
static void
fold_heard(struct node_fold *f, const struct node_heard *heard)
{
	size_t i = 0;
	while (i < f->count && !key_equal(&f->heard[i].key, &heard->key))
		i++;
	f->count = foremost_add((struct foremost){ f->heard, f->count, NODE_HEARD_MAX,
				    sizeof f->heard[0], heard_compare },
	    heard, i);
}

void
node_fold_hearing(struct node_fold *f, const struct mesh_key *site,
    const struct node_hearing *hearing)
{
	static const struct bit_pair pairs[] = { { HEARING_LAST_MS, HEARD_LAST },
		{ HEARING_RSSI, HEARD_RSSI }, { HEARING_SNR, HEARD_SNR },
		{ HEARING_HOPS, HEARD_HOPS }, { HEARING_DIRECT, HEARD_DIRECT } };
	struct node_heard heard = {
		.has = bits_as(hearing->has, pairs, LENGTH(pairs)),
		.last_ms = hearing->last_ms,
		.rssi = hearing->rssi,
		.snr = hearing->snr,
		.hops = hearing->hops,
		.direct = hearing->direct,
		.key = *site,
		.epoch = hearing->epoch,
		.seq = hearing->seq,
	};
	fold_times(f, hearing->first_ms, hearing->last_ms);
	fold_heard(f, &heard);
}

/* True when (ms, key, epoch, seq) is later than who said this group before. */
static bool
outranks(struct node_rank *rank, unix_ms ms, const struct mesh_position *at)
{
	int order = !rank->known ? 1 : (ms > rank->ms) - (ms < rank->ms);
	if (order == 0)
		order = key_compare(&at->origin, &rank->key);
	if (order == 0)
		order = newer(0, at->epoch, at->seq, 0, rank->epoch, rank->seq);
	if (order <= 0)
		return false;
	*rank = (struct node_rank){ true, ms, at->origin, at->epoch, at->seq };
	return true;
}

/* The five texts: where they are in the facts and in the fold. */
static void
fold_names(struct node_fold *f, const struct node_facts *facts)
{
	const struct {
		struct text_view text;
		char *to;
		size_t cap;
	} names[] = { { facts->long_name, f->long_name, sizeof f->long_name },
		{ facts->short_name, f->short_name, sizeof f->short_name },
		{ facts->role, f->role, sizeof f->role },
		{ facts->hardware, f->hardware, sizeof f->hardware },
		{ facts->firmware, f->firmware, sizeof f->firmware } };
	for (unsigned i = 0; i < LENGTH(names); i++) {
		struct bytes_out out = bytes_out(names[i].to, names[i].cap);
		f->has &= ~(1ULL << i);
		if (!has(facts->has, FACTS_LONG_NAME + i))
			continue;
		text_put_clean(&out, bytes_view(names[i].text.ptr, names[i].text.len),
		    names[i].cap);
		f->len[i] = (uint8_t)out.len;
		f->has |= 1ULL << i;
	}
}

static void
fold_facts_hearing(
    struct node_fold *f, const struct mesh_position *at, const struct node_facts *facts)
{
	static const struct bit_pair pairs[] = { { FACTS_LAST_MS, HEARING_LAST_MS },
		{ FACTS_RSSI, HEARING_RSSI }, { FACTS_SNR, HEARING_SNR },
		{ FACTS_HOPS, HEARING_HOPS }, { FACTS_DIRECT, HEARING_DIRECT } };
	if (!has(facts->has, FACTS_LAST_MS))
		return;
	struct node_hearing hearing = {
		.has = bits_as(facts->has, pairs, LENGTH(pairs)),
		.first_ms = has(facts->has, FACTS_FIRST_MS) ? facts->first_ms
							    : facts->last_ms,
		.last_ms = facts->last_ms,
		.rssi = facts->rssi,
		.snr = facts->snr,
		.hops = facts->hops,
		.direct = facts->direct,
		.epoch = at->epoch,
		.seq = 2 * at->seq,
	};
	node_fold_hearing(f, &at->origin, &hearing);
}

void
node_fold_facts(
    struct node_fold *f, const struct mesh_position *at, const struct node_facts *facts)
{
	if (has(facts->has, FACTS_NAMED_MS) && outranks(&f->named, facts->named_ms, at))
		fold_names(f, facts);
	if (has(facts->has, FACTS_POSITION) &&
	    outranks(&f->placed, facts->position_ms, at)) {
		f->position = facts->position;
		f->has |= 1ULL << FACTS_POSITION;
	}
	if (has(facts->has, FACTS_BATTERY) &&
	    outranks(&f->charged, facts->battery_ms, at)) {
		f->battery = facts->battery;
		f->has |= 1ULL << FACTS_BATTERY;
	}
	fold_facts_hearing(f, at, facts);
}

static void
purge_group(struct node_fold *f, struct node_rank *rank, uint64_t bits,
    const struct mesh_position *upto)
{
	if (!rank->known || rank->epoch > upto->epoch ||
	    !key_equal(&rank->key, &upto->origin))
		return;
	*rank = (struct node_rank){ .known = false };
	f->has &= ~bits;
}

bool
node_fold_purge(struct node_fold *f, const struct mesh_position *upto)
{
	size_t count = 0;
	purge_group(f, &f->named, (2ULL << FACTS_FIRMWARE) - 1, upto);
	purge_group(f, &f->placed, 1ULL << FACTS_POSITION, upto);
	purge_group(f, &f->charged, 1ULL << FACTS_BATTERY, upto);
	for (size_t i = 0; i < f->count; i++)
		if (f->heard[i].epoch > upto->epoch ||
		    !key_equal(&f->heard[i].key, &upto->origin))
			f->heard[count++] = f->heard[i];
	f->count = count;
	return count > 0 || f->named.known || f->placed.known || f->charged.known;
}

static bool
put_heard(const struct node_fold *f, const struct sites *names, struct arena *into,
    struct node *out)
{
	struct node_heard *list = arena_take(into, f->count + 1, sizeof *list);
	for (size_t i = 0; list != NULL && i < f->count; i++) {
		list[i] = f->heard[i];
		list[i].site = sites_name_copy(names, &list[i].key, into);
		field_mark(&node_heard_table, HEARD_SITE, &list[i], true);
		if (list[i].site.ptr == NULL)
			return false;
	}
	out->heard = (struct list_view){ list, f->count };
	return list != NULL;
}

enum mesh_err
node_fold_view(const struct node_fold *f, const struct sites *names, struct arena *into,
    struct node *out)
{
	static const struct bit_pair pairs[] = { { FACTS_LONG_NAME, NODE_LONG_NAME },
		{ FACTS_SHORT_NAME, NODE_SHORT_NAME }, { FACTS_ROLE, NODE_ROLE },
		{ FACTS_HARDWARE, NODE_HARDWARE }, { FACTS_FIRMWARE, NODE_FIRMWARE },
		{ FACTS_POSITION, NODE_POSITION }, { FACTS_BATTERY, NODE_BATTERY } };
	*out = (struct node){
		.has = bits_as(f->has, pairs, LENGTH(pairs)) | 1 << NODE_ID |
		    1 << NODE_HEARD,
		.network = (uint8_t)node_network(&f->id),
		.id = f->id,
		.long_name = { f->long_name, f->len[0] },
		.short_name = { f->short_name, f->len[1] },
		.role = { f->role, f->len[2] },
		.hardware = { f->hardware, f->len[3] },
		.firmware = { f->firmware, f->len[4] },
		.position = f->position,
		.battery = f->battery,
		.first_ms = f->first_ms,
		.last_ms = f->last_ms,
	};
	field_mark(&node_table, NODE_NETWORK, out, out->network != NETWORK_NONE);
	field_mark(&node_table, NODE_FIRST, out, f->heard_before);
	field_mark(&node_table, NODE_LAST, out, f->heard_before);
	return put_heard(f, names, into, out) ? MESH_OK : MESH_FULL;
}
