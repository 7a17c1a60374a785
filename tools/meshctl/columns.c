#include "columns.h"
#include "types.h"

/* clang-format off */
static const struct column radio_columns[] = {
	{ "name", "NAME", COLUMN_TEXT, 0.15, CUT }, { "driver", "DRIVER", COLUMN_TEXT, 10, KEPT },
	{ "state", "STATE", COLUMN_TEXT, 10, KEPT }, { "node.name", "NODE", COLUMN_TEXT, 0.2, CUT },
	{ "rx_packets", "RX", COLUMN_NUMBER, 5, KEPT }, { "tx_packets", "TX", COLUMN_NUMBER, 3, KEPT },
	{ "last_rx_ms", "LAST", COLUMN_AGE, 4, KEPT }, { "error", "ERROR", COLUMN_TEXT, 0.2, CUT }, { 0 } };
static const struct column peer_columns[] = {
	{ "name", "NAME", COLUMN_TEXT, 0.25, CUT }, { "key", "KEY", COLUMN_SHORT, 8, KEPT },
	{ "state", "STATE", COLUMN_TEXT, 8, KEPT }, { "reason", "REASON", COLUMN_TEXT, 11, KEPT },
	{ "hops", "HOPS", COLUMN_NUMBER, 4, KEPT }, { "rtt_ms", "RTT ms", COLUMN_SNR, 6, KEPT },
	{ "behind", "BEHIND", COLUMN_NUMBER, 6, KEPT }, { "last_heard_ms", "HEARD", COLUMN_AGE, 5, KEPT }, { "addr", "ADDRESS", COLUMN_TEXT, 0.2, CUT }, { 0 } };
static const struct column node_columns[] = {
	{ "id", "ID", COLUMN_TEXT, 9, CUT }, { "long_name", "NAME", COLUMN_TEXT, 0.3, CUT },
	{ "role", "ROLE", COLUMN_TEXT, 8, CUT }, { "heard", "SITES", COLUMN_COUNT, 5, KEPT },
	{ "heard.0.snr", "SNR", COLUMN_SNR, 6, KEPT }, { "battery.percent", "BATT", COLUMN_NUMBER, 4, KEPT },
	{ "last_ms", "LAST", COLUMN_AGE, 4, KEPT }, { "network", "NETWORK", COLUMN_TEXT, 10, CUT }, { 0 } };
static const struct column packet_columns[] = {
	{ "time_ms", "AGE", COLUMN_AGE, 4, KEPT }, { "id", "ID", COLUMN_TEXT, 20, KEPT },
	{ "from", "FROM", COLUMN_TEXT, 9, WIDE }, /* the id names it, too */
	{ "to", "TO", COLUMN_TEXT, 9, KEPT }, { "type", "TYPE", COLUMN_TEXT, 0.2, CUT },
	{ "", "SITES", COLUMN_HEARD, 5, KEPT }, { "receptions.0.snr", "SNR", COLUMN_SNR, 6, KEPT }, { "payload", "PAYLOAD", COLUMN_JSON, 0.35, CUT }, { 0 } };
static const struct column message_columns[] = {
	{ "time_ms", "AGE", COLUMN_AGE, 4, KEPT }, { "request", "REQUEST", COLUMN_NUMBER, 7, KEPT },
	{ "id", "ID", COLUMN_TEXT, 20, WIDE },
	{ "state", "STATE", COLUMN_TEXT, 8, KEPT }, { "from", "FROM", COLUMN_TEXT, 9, KEPT },
	{ "to", "TO", COLUMN_TEXT, 9, KEPT }, { "", "TEXT", COLUMN_SAID, 0.15, CUT },
	{ "waits|reason", "WHY", COLUMN_TEXT, 0.35, CUT }, { 0 } };
static const struct column state_columns[] = {
	{ "site", "SITE", COLUMN_TEXT, 0.2, CUT }, { "key", "KEY", COLUMN_TEXT, 0.3, CUT },
	{ "value", "VALUE", COLUMN_JSON, 0.4, CUT }, { "time_ms", "AGE", COLUMN_AGE, 4, KEPT }, { 0 } };
static const struct column alert_columns[] = {
	{ "time_ms", "AGE", COLUMN_AGE, 4, KEPT }, { "severity", "SEVERITY", COLUMN_TEXT, 8, KEPT },
	{ "state", "STATE", COLUMN_TEXT, 8, KEPT }, { "kind", "KIND", COLUMN_TEXT, 0.2, CUT },
	{ "site", "SITE", COLUMN_TEXT, 0.15, CUT }, { "text", "TEXT", COLUMN_TEXT, 0.4, CUT }, { 0 } };
static const struct column entry_columns[] = {
	{ "hash", "HASH", COLUMN_TEXT, 0.25, CUT }, { "type", "TYPE", COLUMN_TEXT, 0.15, CUT },
	{ "site", "SITE", COLUMN_TEXT, 0.15, CUT }, { "dtype", "DTYPE", COLUMN_TEXT, 5, KEPT },
	{ "dim", "DIM", COLUMN_NUMBER, 4, KEPT }, { "metadata", "METADATA", COLUMN_JSON, 0.3, CUT },
	{ "time_ms", "AGE", COLUMN_AGE, 4, KEPT }, { "expires_ms", "LEFT", COLUMN_LEFT, 4, KEPT }, { 0 } };
static const struct column number_columns[] = {
	{ "hash", "HASH", COLUMN_TEXT, 0.2, CUT }, { "type", "TYPE", COLUMN_TEXT, 0.1, CUT },
	{ "site", "SITE", COLUMN_TEXT, 0.1, CUT }, { "dtype", "DTYPE", COLUMN_TEXT, 5, KEPT },
	{ "dim", "DIM", COLUMN_NUMBER, 4, KEPT }, { "embedding", "EMBEDDING", COLUMN_TEXT, 0.25, CUT },
	{ "metadata", "METADATA", COLUMN_JSON, 0.2, CUT },
	{ "time_ms", "AGE", COLUMN_AGE, 4, KEPT }, { "expires_ms", "LEFT", COLUMN_LEFT, 4, KEPT }, { 0 } };
static const struct column hit_columns[] = {
	{ "score", "SCORE", COLUMN_SNR, 6, KEPT }, { "hash", "HASH", COLUMN_TEXT, 0.25, CUT },
	{ "type", "TYPE", COLUMN_TEXT, 0.15, CUT }, { "site", "SITE", COLUMN_TEXT, 0.15, CUT },
	{ "metadata", "METADATA", COLUMN_JSON, 0.35, CUT }, { "time_ms", "AGE", COLUMN_AGE, 4, KEPT }, { 0 } };
static const struct column counter_columns[] = {
	{ "name", "NAME", COLUMN_TEXT, 0.5, CUT }, { "label", "RADIO", COLUMN_TEXT, 0.15, CUT },
	{ "value", "VALUE", COLUMN_NUMBER, 10, KEPT }, { "unit", "UNIT", COLUMN_TEXT, 0.2, CUT }, { 0 } };
static const struct column sample_columns[] = {
	{ "site", "SITE", COLUMN_TEXT, 0.2, CUT }, { "radio", "RADIO", COLUMN_TEXT, 0.15, CUT },
	{ "name", "NAME", COLUMN_TEXT, 0.3, CUT }, { "reason", "REASON", COLUMN_TEXT, 9, CUT },
	{ "value", "VALUE", COLUMN_JSON, 10, KEPT }, { "unit", "UNIT", COLUMN_TEXT, 4, CUT },
	{ "time_ms", "AGE", COLUMN_AGE, 4, KEPT }, { 0 } };
static const struct column holding_columns[] = {
	{ "site", "SITE", COLUMN_TEXT, 0.3, CUT }, { "lane", "LANE", COLUMN_TEXT, 8, KEPT },
	{ "high", "HIGH", COLUMN_NUMBER, 8, KEPT }, { "epoch", "EPOCH", COLUMN_NUMBER, 12, KEPT }, { 0 } };
static const struct column invite_columns[] = {
	{ "id", "ID", COLUMN_TEXT, 16, KEPT }, { "by", "BY", COLUMN_TEXT, 0.3, CUT },
	{ "state", "STATE", COLUMN_TEXT, 9, KEPT }, { "used", "USED", COLUMN_NUMBER, 4, KEPT },
	{ "uses", "OF", COLUMN_NUMBER, 3, KEPT }, { "expires_ms", "LEFT", COLUMN_LEFT, 4, KEPT }, { 0 } };

static const struct { enum op_number op; const struct column *columns; } list_columns[] = {
	{ OP_RADIO_LIST, radio_columns }, { OP_PEER_LIST, peer_columns }, { OP_NODE_LIST, node_columns },
	{ OP_PACKET_LIST, packet_columns }, { OP_MESSAGE_LIST, message_columns }, { OP_STATE_LIST, state_columns },
	{ OP_ALERT_LIST, alert_columns }, { OP_ENTRY_LIST, entry_columns }, { OP_ENTRY_GET, entry_columns }, { OP_ENTRY_SEARCH, hit_columns }, { OP_COUNTERS, counter_columns },
	{ OP_METRIC_LIST, sample_columns }, { OP_HOLDING_LIST, holding_columns }, { OP_INVITE_LIST, invite_columns },
};
/* clang-format on */

const struct column *
columns_of_list(const struct op *op)
{
	for (size_t i = 0; i < LENGTH(list_columns); i++) {
		if (op == &op_table[list_columns[i].op])
			return list_columns[i].columns;
	}
	return NULL;
}

const struct column *
columns_of_embeddings(void)
{
	return number_columns;
}
