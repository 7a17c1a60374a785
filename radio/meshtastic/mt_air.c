#include "mt_air.h"
#include "text.h"

enum { FROM_LORA = 6, DUTY_ALL = 1000, HOPS = 3, HOPS_MAX = 7, KHZ = 1000 };

/* clang-format off */
static const struct { const char *word; struct radio_modem modem; } presets[] = {
	{ "LONG_FAST",      { 250000, 11, 5 } },
	{ "LONG_SLOW",      { 125000, 12, 8 } },
	{ "VERY_LONG_SLOW", {  62500, 12, 8 } },
	{ "MEDIUM_SLOW",    { 250000, 10, 5 } },
	{ "MEDIUM_FAST",    { 250000,  9, 5 } },
	{ "SHORT_SLOW",     { 250000,  8, 5 } },
	{ "SHORT_FAST",     { 250000,  7, 5 } },
	{ "LONG_MODERATE",  { 125000, 11, 8 } },
	{ "SHORT_TURBO",    { 500000,  7, 5 } },
	{ "LONG_TURBO",     { 500000, 11, 8 } },
	{ "MEDIUM_TURBO",   { 500000,  9, 5 } },
};
static const struct radio_modem slowest = { 62500, 12, 8 };

static const struct { const char *word; uint32_t duty_permille; } regions[] = {
	{ "EU_433", 100 }, { "EU_868", 100 }, { "TH", 100 }, { "UA_433", 100 },
	{ "UA_868", 10 }, { "EU_866", 25 }, { "EU_N_868", 100 },
};
/* The configuration has whole kHz. */
static const struct { uint32_t khz, hz; } bandwidths[] = {
	{ 31, 31250 }, { 62, 62500 }, { 200, 203125 }, { 400, 406250 }, { 800, 812500 },
	{ 1600, 1625000 },
};
/* clang-format on */

/* Words that are zero are absent: the first of their list. */
static struct text_view
word_in(struct tree_view lora, const char *name, const char *zero)
{
	struct text_view word = tree_text(lora, name);
	return word.len > 0 ? word : text(zero);
}

static uint32_t
number_in(struct tree_view lora, const char *name)
{
	int64_t n = 0;
	return tree_i64(lora, name, &n) && n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static struct radio_modem
modem_by_numbers(struct tree_view lora)
{
	uint32_t khz = number_in(lora, "bandwidth");
	struct radio_modem m = { khz * KHZ, (uint8_t)number_in(lora, "spread_factor"),
		(uint8_t)number_in(lora, "coding_rate") };
	for (size_t i = 0; i < LENGTH(bandwidths); i++)
		if (bandwidths[i].khz == khz)
			m.bandwidth_hz = bandwidths[i].hz;
	return m;
}

static struct radio_modem
modem_of(struct tree_view lora)
{
	const struct tree_item *preset = tree_find(lora, text("use_preset"));
	struct text_view word = word_in(lora, "modem_preset", "LONG_FAST");
	if (preset == NULL || preset->kind != TREE_BOOL || !preset->as.b)
		return modem_by_numbers(lora);
	for (size_t i = 0; i < LENGTH(presets); i++)
		if (text_is(word, presets[i].word))
			return presets[i].modem;
	return slowest;
}

static uint32_t
duty_of(struct text_view region)
{
	for (size_t i = 0; i < LENGTH(regions); i++)
		if (text_is(region, regions[i].word))
			return regions[i].duty_permille;
	return DUTY_ALL;
}

/* One network on one stretch of frequency: what all of its radios share. */
static uint64_t
cell_of(const struct radio_modem *m, struct text_view region, uint32_t channel)
{
	uint64_t h = 0xcbf29ce484222325U;
	for (size_t i = 0; i < region.len; i++)
		h = (h ^ (uint8_t)region.ptr[i]) * 0x100000001b3U;
	const uint32_t parts[] = { m->bandwidth_hz, m->spread, m->rate, channel };
	for (size_t i = 0; i < LENGTH(parts); i++)
		h = (h ^ parts[i]) * 0x100000001b3U;
	return h | 1;
}

static bool
flag_in(struct tree_view lora, const char *name)
{
	const struct tree_item *item = tree_find(lora, text(name));
	return item != NULL && item->kind == TREE_BOOL && item->as.b;
}

void
mt_air_learn(struct radio *r)
{
	struct tree_view config = mt_radio_cached(
	    r, &mt_config, FROM_CONFIG, FROM_LORA);
	const struct tree_item *head = tree_find(config, text("lora"));
	r->air_known = head != NULL && head->kind == TREE_MAP;
	if (!r->air_known)
		return;
	struct tree_view lora = { head + 1, head->span - 1 };
	struct text_view region = word_in(lora, "region", "UNSET");
	uint32_t hops = number_in(lora, "hop_limit");
	r->air.modem = modem_of(lora);
	r->air.duty_permille = duty_of(region);
	r->air.transmits = flag_in(lora, "tx_enabled");
	r->air.cell = cell_of(&r->air.modem, region, number_in(lora, "channel_num"));
	r->hop_limit = hops == 0 ? HOPS : hops < HOPS_MAX ? (uint8_t)hops : HOPS_MAX;
}

/* Of an hour, or of a minute; no other number is believed. */
static bool
percent_in(struct tree_view tree, const char *path, float *out)
{
	double percent;
	if (!tree_f64(tree, path, &percent) || !(percent >= 0 && percent <= 100))
		return false;
	*out = (float)percent;
	return true;
}

void
mt_air_hear(struct radio *r, const struct mt_packet *p)
{
	static const struct {
		const char *channel, *ours;
	} places[] = { { "device_metrics.channel_utilization",
			   "device_metrics.air_util_tx" },
		{ "local_stats.channel_utilization", "local_stats.air_util_tx" } };
	struct tree_view tree;
	struct arena arena = r->arena;
	if (p->from != r->handshake.my_node || p->port != MT_PORT_TELEMETRY ||
	    protobuf_decode(&mt_telemetry, p->payload, &arena, &tree) != MESH_OK)
		return;
	for (size_t i = 0; i < LENGTH(places); i++) {
		(void)percent_in(tree, places[i].channel, &r->air.channel_utilization);
		(void)percent_in(tree, places[i].ours, &r->air.air_util_tx);
	}
}
