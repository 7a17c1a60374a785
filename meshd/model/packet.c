#include "packet.h"
#include "foremost.h"
#include "id.h"
#include "inspect.h"
#include "text.h"
#include "words.h"
#include <assert.h>
#include <string.h>

/* clang-format off */
static const struct field reception_rows[] = {
	FIELD(struct reception, packet, UNIT_NONE, FIELD_REQUIRED, 0, 0, "The network's own name for the packet."),
	FIELD_WORDS(struct reception, network, FIELD_REQUIRED, radio_network_words, "The radio network it was heard on."),
	FIELD(struct reception, from, UNIT_NONE, 0, 0, 0, "The node that made it."),
	FIELD(struct reception, to, UNIT_NONE, 0, 0, 0, "The node it is for; absent: everybody."),
	FIELD(struct reception, type, UNIT_NONE, 0, 0, 0, "The network's own kind, a Meshtastic port number; absent: not readable."),
	FIELD(struct reception, channel, UNIT_NONE, 0, 0, 0, "Index of the channel, or its hash where the contents are sealed."),
	FIELD(struct reception, hop_limit, UNIT_COUNT, 0, 0, 0, "Relays it had left when it was heard."),
	FIELD(struct reception, hop_start, UNIT_COUNT, 0, 0, 0, "Relays it set out with."),
	FIELD(struct reception, rssi, UNIT_DBM, FIELD_SERIES, -200, 50, "Signal strength."),
	FIELD(struct reception, snr, UNIT_DB, FIELD_SERIES, -64, 64, "Signal over noise."),
	FIELD(struct reception, time_ms, UNIT_UNIX_MS, FIELD_REQUIRED, 0, 0, "When it was heard, by the site's clock."),
	FIELD(struct reception, claimed_ms, UNIT_UNIX_MS, 0, 0, 0, "When, by the radio's or the sender's clock."),
	FIELD(struct reception, via, UNIT_NONE, 0, 0, 0, "Bits: 1 MQTT, 2 UDP, 4 backlog, 8 echo, 16 decrypted, 32 simulated, 64 handed on for MQTT."),
	FIELD(struct reception, radio, UNIT_NONE, FIELD_REQUIRED, 1, 64, "The radio's name at its site."),
	FIELD(struct reception, raw, UNIT_BYTES, FIELD_REQUIRED | FIELD_PRIVATE, 1, 1024, "As the radio gave it."),
};
const struct field_table reception_table = { "reception", reception_rows,
	LENGTH(reception_rows), sizeof(struct reception), offsetof(struct reception, has), false };

static const struct field channel_rows[] = {
	FIELD(struct packet_channel, name, UNIT_NONE, 0, 0, 64, "Its name, where known."),
	FIELD(struct packet_channel, index, UNIT_NONE, 0, 0, 0, "Its place in the radio's list."),
	FIELD(struct packet_channel, hash, UNIT_NONE, 0, 0, 0, "Its hash, of a packet that no radio could read."),
};
enum { CHANNEL_INDEX = 1, CHANNEL_HASH = 2 };
static const struct field_table channel_table = { "channel", channel_rows,
	LENGTH(channel_rows), sizeof(struct packet_channel), offsetof(struct packet_channel, has), false };

enum { HEARD_SITE, HEARD_RADIO, HEARD_TIME, HEARD_RSSI, HEARD_SNR, HEARD_HOP_LIMIT,
	HEARD_HOP_START, HEARD_VIA, HEARD_LOCAL };
static const struct field heard_rows[] = {
	FIELD(struct packet_reception, site, UNIT_NONE, 0, 0, 0, "The site that heard it."),
	FIELD(struct packet_reception, radio, UNIT_NONE, 0, 0, 0, "That site's radio."),
	FIELD(struct packet_reception, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When, by that site's clock."),
	FIELD(struct packet_reception, rssi, UNIT_DBM, 0, 0, 0, "Signal strength."),
	FIELD(struct packet_reception, snr, UNIT_DB, 0, 0, 0, "Signal over noise."),
	FIELD(struct packet_reception, hop_limit, UNIT_COUNT, 0, 0, 0, "Relays it had left."),
	FIELD(struct packet_reception, hop_start, UNIT_COUNT, 0, 0, 0, "Relays it set out with."),
	FIELD_SUB(struct packet_reception, via, &word_table, 0, 0, 0, "How it came, if not by air alone: mqtt udp backlog echo decrypted simulated proxy (handed on for MQTT, and not told otherwise)."),
	FIELD(struct packet_reception, local, UNIT_NONE, 0, 0, 0, "Withheld: no other site is told of it; absent: told."),
};
const struct field_table packet_reception_table = { "packet reception", heard_rows,
	LENGTH(heard_rows), sizeof(struct packet_reception), offsetof(struct packet_reception, has), false };

static const struct field packet_rows[] = {
	FIELD_WORDS(struct packet, network, 0, radio_network_words, "The radio network."),
	FIELD(struct packet, id, UNIT_NONE, 0, 0, 0, "The network's own name for the packet."),
	FIELD(struct packet, from, UNIT_NONE, 0, 0, 0, "The node that made it."),
	FIELD(struct packet, to, UNIT_NONE, 0, 0, 0, "The node it is for; absent: everybody."),
	FIELD_SUB(struct packet, channel, &channel_table, 0, 0, 0, "The channel it was sent on."),
	FIELD(struct packet, type, UNIT_NONE, 0, 0, 0, "What it is, in the network's words."),
	FIELD(struct packet, time_ms, UNIT_UNIX_MS, 0, 0, 0, "When it was first heard."),
	FIELD(struct packet, payload, UNIT_NONE, FIELD_PRIVATE, 0, 0, "Its contents, decoded by type."),
	FIELD(struct packet, raw, UNIT_BYTES, FIELD_PRIVATE, 0, 0, "As one radio gave it."),
	FIELD_SUB(struct packet, receptions, &packet_reception_table, 0, 0, 0, "Who heard it, earliest first."),
	FIELD(struct packet, simulated, UNIT_NONE, 0, 0, 0, "Made up by a simulated radio; absent: real."),
	FIELD(struct packet, local, UNIT_NONE, 0, 0, 0, "Withheld: no other site is told of it; absent: told."),
};
const struct field_table packet_table = { "packet", packet_rows, LENGTH(packet_rows),
	sizeof(struct packet), offsetof(struct packet, has), false };

static const struct { uint32_t bit; const char *word; } vias[] = {
	{ VIA_MQTT, "mqtt" }, { VIA_UDP, "udp" }, { VIA_BACKLOG, "backlog" },
	{ VIA_ECHO, "echo" }, { VIA_DECRYPTED, "decrypted" }, { VIA_SIMULATED, "simulated" },
	{ VIA_PROXY, "proxy" },
};
/* clang-format on */

static bool
has(uint64_t bits, unsigned row)
{
	return (bits >> row & 1) != 0;
}

void
reception_of(
    const struct radio_reception *heard, struct text_view radio, struct reception *out)
{
	*out = (struct reception){
		.has = heard->has | 1ULL << RECEPTION_RADIO,
		.packet = heard->packet,
		.from = heard->from,
		.to = heard->to,
		.network = heard->network,
		.type = heard->type,
		.channel = heard->channel,
		.hop_limit = heard->hop_limit,
		.hop_start = heard->hop_start,
		.rssi = heard->rssi,
		.snr = heard->snr,
		.time_ms = heard->time_ms,
		.claimed_ms = heard->claimed_ms,
		.via = heard->via,
		.radio = radio,
		.raw = heard->raw,
	};
}

unix_ms
reception_heard_ms(const struct reception *r)
{
	const unix_ms clock_was_set = 1577836800000; /* 2020: radios start in 1970 */
	bool told = (r->via & VIA_BACKLOG) != 0 && has(r->has, RECEPTION_CLAIMED) &&
	    r->claimed_ms >= clock_was_set && r->claimed_ms < r->time_ms;
	return told ? r->claimed_ms : r->time_ms;
}

bool
reception_hops(const struct reception *r, uint8_t *hops)
{
	if (!has(r->has, RECEPTION_HOP_LIMIT) || !has(r->has, RECEPTION_HOP_START) ||
	    r->hop_start < r->hop_limit || r->hop_start == 0)
		return false;
	*hops = (uint8_t)(r->hop_start - r->hop_limit);
	return true;
}

struct packet_fold
packet_fold(void)
{
	return (struct packet_fold){ .count = 0 };
}

static int
text_compare(struct text_view a, struct text_view b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
place_compare(const struct mesh_position *a, const struct mesh_position *b)
{
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

/* Earliest first; the same instant at two radios: by site, by radio, by record. */
static int
heard_compare(const void *left, const void *right)
{
	const struct packet_reception *a = left, *b = right;
	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms ? -1 : 1;
	int order = key_compare(&a->at.origin, &b->at.origin);
	if (order == 0)
		order = text_compare(a->radio, b->radio);
	return order != 0 ? order : place_compare(&a->at, &b->at);
}

static struct packet_reception
heard_of(const struct mesh_position *at, const struct reception *r)
{
	struct packet_reception heard = {
		.radio = r->radio,
		.time_ms = r->time_ms,
		.rssi = r->rssi,
		.snr = r->snr,
		.hop_limit = r->hop_limit,
		.hop_start = r->hop_start,
		.at = *at,
		.via_bits = r->via,
		.local = at->epoch == 0,
	};
	static const struct {
		unsigned from, to;
	} same[] = { { RECEPTION_RADIO, HEARD_RADIO }, { RECEPTION_TIME, HEARD_TIME },
		{ RECEPTION_RSSI, HEARD_RSSI }, { RECEPTION_SNR, HEARD_SNR },
		{ RECEPTION_HOP_LIMIT, HEARD_HOP_LIMIT },
		{ RECEPTION_HOP_START, HEARD_HOP_START } };
	for (size_t i = 0; i < LENGTH(same); i++)
		heard.has |= (r->has >> same[i].from & 1) << same[i].to;
	field_mark(&packet_reception_table, HEARD_LOCAL, &heard, heard.local);
	return heard;
}

/* Where the same radio of the same site stands, or `count`. */
static size_t
find_heard(const struct packet_fold *f, const struct packet_reception *heard)
{
	size_t i = 0;
	while (i < f->count &&
	    (!key_equal(&f->heard[i].at.origin, &heard->at.origin) ||
		!text_equal(f->heard[i].radio, heard->radio)))
		i++;
	return i;
}

/* The 32 earliest stay; what fell out can come back only by being earlier, so the order
 * of additions does not show. */
static void
add_heard(struct packet_fold *f, const struct packet_reception *heard)
{
	f->count = foremost_add((struct foremost){ f->heard, f->count, PACKET_HEARD_MAX,
				    sizeof f->heard[0], heard_compare },
	    heard, find_heard(f, heard));
}

/* Does `r` show more of the packet than the best so far?  Sealed contents show least.
 */
static bool
is_better(const struct packet_fold *f, const struct mesh_position *at,
    const struct reception *r)
{
	bool open = has(r->has, RECEPTION_TYPE);
	if (f->count == 0 || open != has(f->best.has, RECEPTION_TYPE))
		return f->count == 0 || open;
	int order = key_compare(&at->origin, &f->best_at.origin);
	if (order == 0)
		order = text_compare(r->radio, f->best.radio);
	if (order == 0)
		order = place_compare(at, &f->best_at);
	return order < 0;
}

void
packet_fold_add(
    struct packet_fold *f, const struct mesh_position *at, const struct reception *r)
{
	assert(f->count == 0 || id_equal(&f->best.packet, &r->packet));
	struct packet_reception heard = heard_of(at, r);
	if (is_better(f, at, r)) {
		f->best = *r;
		f->best_at = *at;
	}
	add_heard(f, &heard);
}

static bool
put_via(struct packet_reception *heard, struct arena *into)
{
	struct word *words = arena_take(into, LENGTH(vias), sizeof *words);
	size_t count = 0;
	for (size_t i = 0; words != NULL && i < LENGTH(vias); i++) {
		if (heard->via_bits & vias[i].bit)
			words[count++].word = text(vias[i].word);
	}
	heard->via = (struct list_view){ words, count };
	field_mark(&packet_reception_table, HEARD_VIA, heard, count > 0);
	return words != NULL;
}

static bool
put_receptions(const struct packet_fold *f, const struct sites *names,
    struct arena *into, struct packet *out)
{
	struct packet_reception *list = arena_take(into, f->count, sizeof *list);
	for (size_t i = 0; list != NULL && i < f->count; i++) {
		list[i] = f->heard[i];
		list[i].site = sites_name_copy(names, &list[i].at.origin, into);
		field_mark(&packet_reception_table, HEARD_SITE, &list[i], true);
		if (list[i].site.ptr == NULL || !put_via(&list[i], into))
			return false;
	}
	out->local = true;
	for (size_t i = 0; i < f->count; i++)
		out->local &= f->heard[i].local;
	field_mark(&packet_table, PACKET_LOCAL, out, out->local);
	out->receptions = (struct list_view){ list, f->count };
	return list != NULL;
}

/* A radio that read the packet names the channel by index, one that could not by hash;
 * that stays so when a key at its site opened it. */
static struct packet_channel
channel_of(const struct reception *r)
{
	bool by_radio = has(r->has, RECEPTION_TYPE) && (r->via & VIA_DECRYPTED) == 0;
	return (struct packet_channel){
		.has = 1ULL << (by_radio ? CHANNEL_INDEX : CHANNEL_HASH),
		.index = r->channel,
		.hash = r->channel,
	};
}

static void
put_contents(const struct reception *best, struct arena *into, struct packet *out)
{
	enum radio_network network = (enum radio_network)best->network;
	enum mesh_err err = inspect(network, best->raw, into, &out->payload);
	if (err == MESH_OK || err == MESH_MALFORMED)
		field_mark(&packet_table, PACKET_PAYLOAD, out, out->payload.count > 0);
	if (!has(best->has, RECEPTION_TYPE))
		return;
	out->type = inspect_type(network, best->type, into);
	field_mark(&packet_table, PACKET_TYPE, out, out->type.ptr != NULL);
}

enum mesh_err
packet_fold_view(const struct packet_fold *f, const struct sites *names,
    struct arena *into, struct packet *out)
{
	const struct reception *best = &f->best;
	if (f->count == 0)
		return MESH_NOT_FOUND;
	*out = (struct packet){
		.network = best->network,
		.id = best->packet,
		.from = best->from,
		.to = best->to,
		.channel = channel_of(best),
		.time_ms = f->heard[0].time_ms,
		.raw = best->raw,
		.simulated = best->network == NETWORK_SIM ||
		    (best->via & VIA_SIMULATED),
		.port = best->type,
	};
	field_mark(&packet_table, PACKET_NETWORK, out, true);
	field_mark(&packet_table, PACKET_ID, out, true);
	field_mark(&packet_table, PACKET_FROM, out, has(best->has, RECEPTION_FROM));
	field_mark(&packet_table, PACKET_TO, out, has(best->has, RECEPTION_TO));
	field_mark(
	    &packet_table, PACKET_CHANNEL, out, has(best->has, RECEPTION_CHANNEL));
	field_mark(&packet_table, PACKET_TIME, out, true);
	field_mark(&packet_table, PACKET_RAW, out, true);
	field_mark(&packet_table, PACKET_RECEPTIONS, out, true);
	field_mark(&packet_table, PACKET_SIMULATED, out, out->simulated);
	if (!put_receptions(f, names, into, out))
		return MESH_FULL;
	put_contents(best, into, out);
	return MESH_OK;
}
