#include "verdict.h"
#include <stddef.h>

enum { NOISE_SHARE = 20 }; /* a twentieth of all bytes outside of frames */

static bool
holds(const struct held *h)
{
	return h->ready && h->losses == 0;
}

/* The first row that fits counts; -1: whichever. */
static const struct {
	int reached, ready, raw, plain, kept; /* any; any; each of the three held */
	struct verdict says;
} rows[] = {
	{ 0, -1, -1, -1, -1,
	    { "unreachable",
		"Nothing answers there: power, cable, address; or another program has "
		"it." } },
	{ -1, 0, -1, -1, -1,
	    { "no-radio",
		"It can be reached, but says nothing that a Meshtastic radio says: "
		"another device, another speed, or its serial API is off." } },
	{ -1, -1, 1, 1, 1,
	    { "sound", "The link holds each way.  Nothing is to be done." } },
	{ -1, -1, 1, 0, 1,
	    { "options-spared",
		"It falls with the plain socket options when nothing is sent, and "
		"holds with meshd: leave it as it is, or set socket_options = "
		"none." } },
	{ -1, -1, 1, 0, 0,
	    { "options",
		"It holds only while no option of the socket is set: set "
		"socket_options = none." } },
	{ -1, -1, 0, 0, 1,
	    { "heartbeats",
		"The radio leaves who says nothing, and stays with meshd, which does.  "
		"Nothing is to be done." } },
	{ -1, -1, 0, 1, 1,
	    { "keepalive",
		"Without keepalive something on the way forgets the connection: leave "
		"socket_options = plain." } },
	{ -1, -1, 1, 1, 0,
	    { "supervision",
		"It holds by itself and falls under meshd: a slow radio.  Set a longer "
		"silence, and look at link.lost in radio show." } },
	{ -1, -1, -1, -1, -1,
	    { "taken",
		"It falls each way: another client takes the radio's one connection "
		"(close phone apps and web clients), or its power or network is "
		"weak." } },
};

static bool
fits(int wanted, bool is)
{
	return wanted < 0 || wanted == is;
}

struct verdict
verdict_of(const struct held *raw, const struct held *plain, const struct held *kept)
{
	bool reached = raw->reached || plain->reached || kept->reached;
	bool ready = raw->ready || plain->ready || kept->ready;
	size_t i = 0;
	while (i + 1 < LENGTH(rows) &&
	    !(fits(rows[i].reached, reached) && fits(rows[i].ready, ready) &&
		fits(rows[i].raw, holds(raw)) && fits(rows[i].plain, holds(plain)) &&
		fits(rows[i].kept, holds(kept))))
		i++;
	return rows[i].says;
}

const char *
verdict_noise(const struct held *raw, const struct held *plain, const struct held *kept)
{
	uint64_t bytes = raw->bytes + plain->bytes + kept->bytes;
	uint64_t skipped = raw->skipped + plain->skipped + kept->skipped;
	if (skipped * NOISE_SHARE <= bytes)
		return NULL;
	return "Many bytes belong to no frame: console text on a serial line, a wrong "
	       "speed, or a bad cable.";
}
