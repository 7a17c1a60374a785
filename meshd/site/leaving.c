#include "leaving.h"
#include "id.h"
#include "inspect.h"
#include <string.h>

/* Meshtastic port numbers. */
enum {
	PORT_TEXT_MESSAGE = 1,
	PORT_POSITION = 3,
	PORT_NODEINFO = 4,
	PORT_ADMIN = 6,
	PORT_TEXT_COMPRESSED = 7,
	PORT_TELEMETRY = 67
};

static bool
has(uint64_t bits, unsigned row)
{
	return (bits >> row & 1) != 0;
}

static bool
is_exact(const struct leaving_rules *rules)
{
	return rules->precision == 0 || rules->precision >= LEAVING_EXACT;
}

/* --- receptions --- */

/* A message for one person, when neither end is ours: it stays between those two. */
static bool
is_others_message(const struct reception *r, const struct id *self)
{
	if (!has(r->has, RECEPTION_TO) || !id_is(&r->to) ||
	    r->network == NETWORK_MESHCORE ||
	    (r->type != PORT_TEXT_MESSAGE && r->type != PORT_TEXT_COMPRESSED))
		return false;
	return !id_equal(&r->to, self) && !id_equal(&r->from, self);
}

/* What came over a network and not by our radio is carried on only with its sender's
 * consent, and so is what the radio hands on for a network alone; it stands inside, so
 * only what is open can be asked. */
static bool
is_private(const struct reception *r)
{
	const uint32_t listened = VIA_UDP | VIA_DECRYPTED;
	return ((r->via & listened) == listened || (r->via & VIA_PROXY) != 0) &&
	    inspect_is_private((enum radio_network)r->network, r->raw);
}

/* A radio's answers to its owner hold channel keys, passwords and its private key, and
 * come out to whoever is its client now; a record could never be called back. */
static bool
is_administration(const struct reception *r)
{
	return has(r->has, RECEPTION_TYPE) && r->network != NETWORK_MESHCORE &&
	    r->type == PORT_ADMIN;
}

/* As people would see it, for the filter's words.  What cannot be shown does not pass.
 */
static bool
passes(const struct filter *filter, const struct reception *r,
    const struct sites *names, struct arena arena)
{
	const struct mesh_position nowhere = { .lane = LANE_PACKET };
	struct packet_fold fold = packet_fold();
	struct packet packet;
	if (filter == NULL)
		return true;
	packet_fold_add(&fold, &nowhere, r);
	return packet_fold_view(&fold, names, &arena, &packet) == MESH_OK &&
	    filter_eval(filter, &packet);
}

static enum meshd_counter
verdict(const struct leaving_rules *rules, const struct reception *r,
    const struct id *self, const struct sites *names, struct arena *into)
{
	if (!has(r->has, RECEPTION_PACKET) || !id_is(&r->packet))
		return COUNT_PUBLISH_UNNAMED;
	if ((r->network == NETWORK_SIM || (r->via & VIA_SIMULATED)) && !rules->demo)
		return COUNT_PUBLISH_SIMULATED;
	if (is_administration(r))
		return COUNT_PUBLISH_ADMIN;
	if (is_others_message(r, self))
		return COUNT_PUBLISH_DIRECT;
	if (is_private(r))
		return COUNT_PUBLISH_PRIVATE;
	if (r->raw.len > LEAVING_RAW_MAX)
		return COUNT_PUBLISH_TOO_LARGE;
	return passes(rules->publish, r, names, *into) ? COUNT_PUBLISH_TAKEN
						       : COUNT_PUBLISH_FILTERED;
}

enum meshd_counter
leaving_packet(const struct leaving_rules *rules, const struct reception *r,
    const struct id *self, const struct sites *names, struct arena *into,
    struct reception *out)
{
	enum meshd_counter what = verdict(rules, r, self, names, into);
	*out = *r;
	if (what != COUNT_PUBLISH_TAKEN || is_exact(rules))
		return what;
	uint8_t *raw = arena_take(into, r->raw.len, 1);
	if (raw == NULL)
		return COUNT_PUBLISH_TOO_LARGE;
	memcpy(raw, r->raw.ptr, r->raw.len);
	out->raw.ptr = raw;
	switch (inspect_cut_place(
	    (enum radio_network)r->network, raw, r->raw.len, rules->precision)) {
	case PLACE_NONE:
		return COUNT_PUBLISH_TAKEN;
	case PLACE_CUT:
		return COUNT_PUBLISH_CUT;
	case PLACE_UNSURE:
		break;
	}
	return COUNT_PUBLISH_PLACE;
}

bool
leaving_stays(enum meshd_counter what)
{
	return what == COUNT_PUBLISH_DIRECT || what == COUNT_PUBLISH_PRIVATE ||
	    what == COUNT_PUBLISH_FILTERED || what == COUNT_PUBLISH_PLACE;
}

bool
leaving_teaches(enum meshd_counter what)
{
	return what != COUNT_PUBLISH_SIMULATED && what != COUNT_PUBLISH_UNNAMED &&
	    what != COUNT_PUBLISH_PRIVATE && what != COUNT_PUBLISH_FILTERED &&
	    what != COUNT_PUBLISH_PLACE;
}

/* --- what is known --- */

static bool
would_leave(const struct leaving_rules *rules, const struct id *node, uint16_t type,
    const struct sites *names, struct arena arena)
{
	const struct reception r = { .has = 1ULL << RECEPTION_NETWORK |
		    1ULL << RECEPTION_FROM | 1ULL << RECEPTION_TYPE,
		.network = (uint8_t)node_network(node),
		.from = *node,
		.type = type };
	return passes(rules->publish, &r, names, arena);
}

struct leaving_entry
leaving_listed(const struct leaving_rules *rules, const struct id *node,
    const struct sites *names, struct arena *into)
{
	return (struct leaving_entry){
		.told = would_leave(rules, node, PORT_NODEINFO, names, *into),
		.place = would_leave(rules, node, PORT_POSITION, names, *into),
		.battery = would_leave(rules, node, PORT_TELEMETRY, names, *into),
	};
}

/* The middle of a wide cell may lie beyond the pole or the date line. */
static double
cut(double degrees, unsigned bits, double most)
{
	double d = inspect_cut_degrees(degrees, bits);
	if (d > most)
		return most;
	return d < -most ? -most : d;
}

static void
cut_both(const struct leaving_rules *rules, double *lat, double *lon)
{
	const double pole = 90, date_line = 180;
	*lat = cut(*lat, rules->precision, pole);
	*lon = cut(*lon, rules->precision, date_line);
}

void
leaving_node(const struct leaving_rules *rules, struct node_facts *facts)
{
	struct node_position *p = &facts->position;
	if (is_exact(rules) || !has(facts->has, FACTS_POSITION))
		return;
	cut_both(rules, &p->lat, &p->lon);
	if (p->precision == 0 || p->precision > rules->precision)
		p->precision = rules->precision;
	field_mark(&node_position_table, NODE_POSITION_PRECISION, p, true);
}

void
leaving_site(const struct leaving_rules *rules, struct site_value *site)
{
	if (!is_exact(rules))
		cut_both(rules, &site->latitude, &site->longitude);
}
