#include "port_stats.h"
#include "radio_counters.h"
#include "text.h"
#include <string.h>

void
port_stats_at(struct port_stats *s, const struct link_params *at)
{
	struct bytes_out out = bytes_out(s->address, sizeof s->address);
	bool bare_v6 = at->host.len > 0 && memchr(at->host.ptr, ':', at->host.len);
	text_put_view(&out, at->device);
	if (at->host.len > 0)
		text_printf(&out, bare_v6 ? "[%.*s]:%u" : "%.*s:%u", (int)at->host.len,
		    at->host.ptr, at->port);
	s->address_len = out.failed ? 0 : out.len;
}

/* One is open at a time as far as this goes: an answer is that to the last. */
void
port_stats_beat(struct port_stats *s, const struct radio_ops *driver,
    const struct radio *radio, struct mesh_now now)
{
	uint64_t sent = driver->counter(radio, COUNT_PORT_HEARTBEATS_SENT);
	uint64_t answered = driver->counter(radio, COUNT_PORT_HEARTBEATS_ANSWERED);
	if (sent != s->heartbeats)
		s->asked_ms = now.ms;
	if (answered != s->answered)
		s->rtt_ms = (uint32_t)(now.ms - s->asked_ms);
	s->heartbeats = sent;
	s->answered = answered;
}

void
port_stats_found(
    struct port_stats *s, const struct link_ops *kind, const struct link *link)
{
	const char *path = kind != NULL && kind->path != NULL ? kind->path(link) : NULL;
	struct bytes_out out = bytes_out(s->address, sizeof s->address);
	if (path == NULL)
		return;
	text_put(&out, path);
	s->address_len = out.failed ? 0 : out.len;
}

void
port_stats_changed(struct port_stats *s, enum radio_change change)
{
	s->changes.rebooted += change == CHANGE_REBOOTED;
	s->changes.wiped += change == CHANGE_RESET;
	s->changes.replaced += change == CHANGE_NODE;
}

struct radio_link
port_stats_link(const struct port_stats *s, const struct radio_ops *driver,
    const struct radio *radio)
{
	struct radio_link link = { .has = (1ULL << radio_link_table.count) - 1,
		.address = { s->address, s->address_len },
		.frames = driver->counter(radio, COUNT_PORT_FRAMES_SEEN),
		.skipped_bytes = driver->counter(radio, COUNT_PORT_BYTES_SKIPPED),
		.heartbeats = s->heartbeats,
		.answered = s->answered,
		.rtt_ms = s->rtt_ms,
		.lost = s->lost };
	field_mark(&radio_link_table, LINK_ROW_ADDRESS, &link, s->address_len > 0);
	field_mark(&radio_link_table, LINK_ROW_RTT, &link, s->answered > 0);
	return link;
}
