#include "sim_cell.h"
#include <math.h>

enum sim_what { /* purposes of sim_draw */
	DRAW_NUMBER,
	DRAW_PLACE,
	DRAW_WALK,
	DRAW_TIME,
	DRAW_ID,
	DRAW_PORT,
	DRAW_SHADOW,
	DRAW_FADE
};

static uint64_t
mixed(uint64_t z) /* splitmix64 */
{
	z += 0x9e3779b97f4a7c15U;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

uint64_t
sim_draw(uint64_t seed, uint64_t what, uint64_t a, uint64_t b)
{
	return mixed(mixed(mixed(mixed(seed) ^ what) ^ a) ^ b);
}

static double
fraction(uint64_t drawn) /* 0 <= f < 1 */
{
	return (double)(drawn >> 11) / 9007199254740992.0;
}

/* --- nodes --- */

/* Numbers below 16 and the broadcast number are reserved; one cell has no two alike. */
static uint32_t
number_of(const struct sim_cell *c, uint32_t index)
{
	enum { RESERVED = 16 };

	for (uint64_t again = 0;; again++) {
		uint64_t drawn = sim_draw(c->seed, DRAW_NUMBER, index, again);
		uint32_t number = (uint32_t)(drawn >> 32);
		bool taken = number < RESERVED || number == UINT32_MAX;
		for (uint32_t i = 0; i < index; i++)
			taken = taken || c->nodes[i].number == number;
		if (!taken)
			return number;
	}
}

/* Own arithmetic instead of libm's: additions, products and roots are the same on every
 * machine, so one seed gives byte-identical cells everywhere; a made-up landscape needs
 * no more digits than these. */
static double
wave(double turns) /* the sine of so many whole turns; good to 0.002 */
{
	double t = 2 * (turns - (double)(int64_t)turns);
	double sign = t < 1 ? 1 : -1;
	t = t < 1 ? t : t - 1;
	return sign * 16 * t * (1 - t) / (5 - 4 * t * (1 - t));
}

static double
log10_of(double n) /* n >= 1; good to 0.0001 */
{
	int exponent = 0;
	while (n >= 2) {
		n /= 2;
		exponent++;
	}
	double part = -1.7417939 +
	    (2.8212026 + (-1.4699568 + (0.44717955 - 0.056570851 * n) * n) * n) * n;
	return 0.30102999566 * ((double)exponent + part);
}

static struct sim_place
home_of(const struct sim_cell *c, uint32_t index)
{
	double far = sqrt(fraction(sim_draw(c->seed, DRAW_PLACE, index, 0)));
	double turns = fraction(sim_draw(c->seed, DRAW_PLACE, index, 1));

	return (struct sim_place){ SIM_RADIUS_M * far * wave(turns + 0.25),
		SIM_RADIUS_M * far * wave(turns) };
}

void
sim_cell_init(struct sim_cell *c, const struct sim_cell_params *params, unix_ms now)
{
	uint32_t count = params->nodes != 0 ? params->nodes : SIM_NODES;
	uint32_t gap = params->interval_ms != 0 ? params->interval_ms : SIM_INTERVAL_MS;

	*c = (struct sim_cell){ .seed = params->seed, .here = params->here };
	c->node_count = count < SIM_NODES_MAX ? count : SIM_NODES_MAX;
	c->period_ms = (uint64_t)gap * c->node_count;
	for (uint32_t i = 0; i < c->node_count; i++)
		c->nodes[i] = (struct sim_node){ .number = number_of(c, i),
			.index = i,
			.moves = i % 3 == 2,
			.home = home_of(c, i) };
	sim_cell_seek(c, now);
}

const struct sim_node *
sim_cell_find(const struct sim_cell *c, uint32_t number)
{
	for (uint32_t i = 0; i < c->node_count; i++)
		if (c->nodes[i].number == number)
			return &c->nodes[i];
	return NULL;
}

/* Walkers go round their home on a loop of a few hundred metres, once in 15 to 45 min.
 */
struct sim_place
sim_cell_place(const struct sim_cell *c, const struct sim_node *node, unix_ms at)
{
	enum { LOOP_M = 150, LOOP_SPREAD_M = 450, LAP_S = 900, LAP_SPREAD_S = 1800 };
	struct sim_place place = node->home;

	if (!node->moves)
		return place;
	double size = LOOP_M +
	    LOOP_SPREAD_M * fraction(sim_draw(c->seed, DRAW_WALK, node->index, 0));
	double lap = LAP_S +
	    LAP_SPREAD_S * fraction(sim_draw(c->seed, DRAW_WALK, node->index, 1));
	double turns = (double)(at > 0 ? at : 0) / 1000.0 / lap;
	place.x += size * wave(turns);
	place.y += size * wave(2 * turns) / 2;
	return place;
}

/* --- signals --- */

static uint64_t
name_of(struct sim_place p) /* whole metres, for drawing by place */
{
	return (uint64_t)sim_nearest(p.x) << 32 ^ (uint64_t)sim_nearest(p.y);
}

static double
bell(uint64_t drawn) /* about normal, variance 1: four uniforms */
{
	double sum = 0;

	for (int i = 0; i < 4; i++)
		sum += (double)(drawn >> 16 * i & 0xffff) / 65536.0;
	return (sum - 2.0) * 1.7320508;
}

/* Decibels over the noise at `to` of what is sent at `from`. */
static double
snr_between(struct sim_place from, struct sim_place to)
{
	const double power_dbm = 22, loss_1m_db = 32, exponent = 3.5, noise_dbm = -119;
	double east = from.x - to.x, north = from.y - to.y;
	double metres = sqrt(east * east + north * north);
	double loss = loss_1m_db + 10 * exponent * log10_of(metres > 1 ? metres : 1);

	return power_dbm - loss - noise_dbm;
}

static struct sim_signal
signal_of(double snr, uint8_t hop_limit, uint8_t relay)
{
	const double weakest = -17.5, noise_dbm = -119, saturated = 12;
	double shown = snr < saturated ? snr : saturated;

	return (struct sim_signal){ .heard = snr >= weakest,
		.hop_limit = hop_limit,
		.relay = relay,
		.rssi = (int32_t)sim_nearest(noise_dbm + (snr > 0 ? snr : 0)),
		.snr = (float)sim_nearest(shown * 4) / 4.0F };
}

static double
faded(const struct sim_cell *c, const struct sim_node *node, double snr, uint64_t salt)
{
	const double shadow_db = 3, fade_db = 2;
	uint64_t pair = name_of(c->here) ^ node->number;

	return snr + shadow_db * bell(sim_draw(c->seed, DRAW_SHADOW, pair, 0)) +
	    fade_db * bell(sim_draw(c->seed, DRAW_FADE, pair, salt));
}

/* The neighbour that hears the sender well and is heard best here. */
static const struct sim_node *
relay_for(const struct sim_cell *c, const struct sim_node *node, unix_ms at)
{
	const double wanted_db = -14;
	struct sim_place from = sim_cell_place(c, node, at);
	const struct sim_node *best = NULL;
	double best_snr = wanted_db;

	for (uint32_t i = 0; i < c->node_count; i++) {
		struct sim_place place = sim_cell_place(c, &c->nodes[i], at);
		double snr = snr_between(place, c->here);
		if (&c->nodes[i] == node || snr <= best_snr ||
		    snr_between(from, place) < wanted_db)
			continue;
		best = &c->nodes[i];
		best_snr = snr;
	}
	return best;
}

struct sim_signal
sim_cell_signal(
    const struct sim_cell *c, const struct sim_node *node, unix_ms at, uint64_t salt)
{
	double snr = snr_between(sim_cell_place(c, node, at), c->here);
	struct sim_signal signal = signal_of(faded(c, node, snr, salt), SIM_HOPS, 0);

	if (signal.heard)
		return signal;
	const struct sim_node *relay = relay_for(c, node, at);
	if (relay == NULL)
		return signal;
	snr = snr_between(sim_cell_place(c, relay, at), c->here);
	return signal_of(
	    faded(c, relay, snr, salt), SIM_HOPS - 1, (uint8_t)relay->number);
}

/* --- the timetable --- */

/* Packet k of a node falls somewhere in the k-th of its periods since 1970. */
static unix_ms
time_of(const struct sim_cell *c, const struct sim_node *node, uint64_t k)
{
	uint64_t within = sim_draw(c->seed, DRAW_TIME, node->index, k) % c->period_ms;

	return (unix_ms)(k * c->period_ms + within);
}

static void
plan(const struct sim_cell *c, struct sim_node *node, uint64_t k)
{
	node->next = k;
	node->next_ms = time_of(c, node, k);
}

void
sim_cell_seek(struct sim_cell *c, unix_ms now)
{
	uint64_t at = now > 0 ? (uint64_t)now : 0;

	for (uint32_t i = 0; i < c->node_count; i++) {
		struct sim_node *node = &c->nodes[i];
		plan(c, node, at / c->period_ms);
		if (node->next_ms <= now)
			plan(c, node, node->next + 1);
	}
}

static uint32_t
next_sender(const struct sim_cell *c)
{
	uint32_t first = 0;

	for (uint32_t i = 1; i < c->node_count; i++)
		if (c->nodes[i].next_ms < c->nodes[first].next_ms)
			first = i;
	return first;
}

unix_ms
sim_cell_next_ms(const struct sim_cell *c)
{
	return c->nodes[next_sender(c)].next_ms;
}

static enum sim_port
port_of(uint64_t drawn)
{
	/* clang-format off */
	static const struct { unsigned below; enum sim_port port; } mix[] = {
		{ 25, SIM_TEXT }, { 55, SIM_POSITION }, { 80, SIM_TELEMETRY }, { 100, SIM_NODEINFO },
	}; /* clang-format on */
	size_t i = 0;

	while (drawn % 100 >= mix[i].below)
		i++;
	return mix[i].port;
}

bool
sim_cell_next(struct sim_cell *c, unix_ms until, struct sim_packet *out)
{
	for (;;) {
		struct sim_node *node = &c->nodes[next_sender(c)];
		uint64_t k = node->next;
		uint64_t drawn = sim_draw(c->seed, DRAW_ID, node->index, k);
		if (node->next_ms > until)
			return false;
		*out = (struct sim_packet){ .from = node->number,
			.id = (uint32_t)drawn != 0 ? (uint32_t)drawn : 1,
			.node = node->index,
			.k = k,
			.port = port_of(
			    sim_draw(c->seed, DRAW_PORT, node->index, k) >> 8),
			.at_ms = node->next_ms,
			.signal = sim_cell_signal(c, node, node->next_ms, k) };
		plan(c, node, k + 1);
		if (out->signal.heard)
			return true;
	}
}
