#include "columns.h"
#include "types.h"

/* clang-format off */
static const struct column radio_columns[] = {
	{ "name", "NAME", COLUMN_TEXT, 0.15, true }, { "driver", "DRIVER", COLUMN_TEXT, 10, false },
	{ "state", "STATE", COLUMN_TEXT, 10, false }, { "node.name", "NODE", COLUMN_TEXT, 0.2, true },
	{ "rx_packets", "RX", COLUMN_NUMBER, 5, false }, { "tx_packets", "TX", COLUMN_NUMBER, 3, false },
	{ "last_rx_ms", "LAST", COLUMN_AGE, 4, false }, { "error", "ERROR", COLUMN_TEXT, 0.2, true }, { 0 } };
static const struct column peer_columns[] = {
	{ "name", "NAME", COLUMN_TEXT, 0.25, true }, { "key", "KEY", COLUMN_SHORT, 8, false },
	{ "state", "STATE", COLUMN_TEXT, 8, false }, { "reason", "REASON", COLUMN_TEXT, 11, false },
	{ "hops", "HOPS", COLUMN_NUMBER, 4, false }, { "rtt_ms", "RTT ms", COLUMN_SNR, 6, false },
	{ "behind", "BEHIND", COLUMN_NUMBER, 6, false }, { "last_heard_ms", "HEARD", COLUMN_AGE, 5, false }, { "addr", "ADDRESS", COLUMN_TEXT, 0.2, true }, { 0 } };
static const struct column node_columns[] = {
	{ "id", "ID", COLUMN_TEXT, 9, true }, { "long_name", "NAME", COLUMN_TEXT, 0.3, true },
	{ "role", "ROLE", COLUMN_TEXT, 8, true }, { "heard", "SITES", COLUMN_COUNT, 5, false },
	{ "heard.0.snr", "SNR", COLUMN_SNR, 6, false }, { "battery.percent", "BATT", COLUMN_NUMBER, 4, false },
	{ "last_ms", "LAST", COLUMN_AGE, 4, false }, { "network", "NETWORK", COLUMN_TEXT, 10, true }, { 0 } };
static const struct column packet_columns[] = {
	{ "time_ms", "AGE", COLUMN_AGE, 4, false }, { "from", "FROM", COLUMN_TEXT, 9, true },
	{ "to", "TO", COLUMN_TEXT, 9, true }, { "type", "TYPE", COLUMN_TEXT, 0.2, true },
	{ "receptions", "SITES", COLUMN_COUNT, 5, false }, { "receptions.0.snr", "SNR", COLUMN_SNR, 6, false },
	{ "local", "LOCAL", COLUMN_FLAG, 5, false }, { "payload", "PAYLOAD", COLUMN_JSON, 0.35, true }, { 0 } };
static const struct column message_columns[] = {
	{ "time_ms", "AGE", COLUMN_AGE, 4, false }, { "request", "REQUEST", COLUMN_NUMBER, 7, false },
	{ "state", "STATE", COLUMN_TEXT, 8, false }, { "from", "FROM", COLUMN_TEXT, 9, false },
	{ "to", "TO", COLUMN_TEXT, 9, false }, { "", "TEXT", COLUMN_SAID, 0.15, true },
	{ "waits|reason", "WHY", COLUMN_TEXT, 0.35, true }, { 0 } };
static const struct column state_columns[] = {
	{ "site", "SITE", COLUMN_TEXT, 0.2, true }, { "key", "KEY", COLUMN_TEXT, 0.3, true },
	{ "value", "VALUE", COLUMN_JSON, 0.4, true }, { "time_ms", "AGE", COLUMN_AGE, 4, false }, { 0 } };
static const struct column alert_columns[] = {
	{ "time_ms", "AGE", COLUMN_AGE, 4, false }, { "severity", "SEVERITY", COLUMN_TEXT, 8, false },
	{ "state", "STATE", COLUMN_TEXT, 8, false }, { "kind", "KIND", COLUMN_TEXT, 0.2, true },
	{ "site", "SITE", COLUMN_TEXT, 0.15, true }, { "text", "TEXT", COLUMN_TEXT, 0.4, true }, { 0 } };
static const struct column entry_columns[] = {
	{ "hash", "HASH", COLUMN_TEXT, 0.25, true }, { "type", "TYPE", COLUMN_TEXT, 0.15, true },
	{ "site", "SITE", COLUMN_TEXT, 0.15, true }, { "dtype", "DTYPE", COLUMN_TEXT, 5, false },
	{ "dim", "DIM", COLUMN_NUMBER, 4, false }, { "metadata", "METADATA", COLUMN_JSON, 0.3, true },
	{ "time_ms", "AGE", COLUMN_AGE, 4, false }, { "expires_ms", "LEFT", COLUMN_LEFT, 4, false }, { 0 } };
static const struct column number_columns[] = {
	{ "hash", "HASH", COLUMN_TEXT, 0.2, true }, { "type", "TYPE", COLUMN_TEXT, 0.1, true },
	{ "site", "SITE", COLUMN_TEXT, 0.1, true }, { "dtype", "DTYPE", COLUMN_TEXT, 5, false },
	{ "dim", "DIM", COLUMN_NUMBER, 4, false }, { "embedding", "EMBEDDING", COLUMN_TEXT, 0.25, true },
	{ "metadata", "METADATA", COLUMN_JSON, 0.2, true },
	{ "time_ms", "AGE", COLUMN_AGE, 4, false }, { "expires_ms", "LEFT", COLUMN_LEFT, 4, false }, { 0 } };
static const struct column hit_columns[] = {
	{ "score", "SCORE", COLUMN_SNR, 6, false }, { "hash", "HASH", COLUMN_TEXT, 0.25, true },
	{ "type", "TYPE", COLUMN_TEXT, 0.15, true }, { "site", "SITE", COLUMN_TEXT, 0.15, true },
	{ "metadata", "METADATA", COLUMN_JSON, 0.35, true }, { "time_ms", "AGE", COLUMN_AGE, 4, false }, { 0 } };
static const struct column counter_columns[] = {
	{ "name", "NAME", COLUMN_TEXT, 0.5, true }, { "label", "RADIO", COLUMN_TEXT, 0.15, true },
	{ "value", "VALUE", COLUMN_NUMBER, 10, false }, { "unit", "UNIT", COLUMN_TEXT, 0.2, true }, { 0 } };
static const struct column sample_columns[] = {
	{ "site", "SITE", COLUMN_TEXT, 0.2, true }, { "radio", "RADIO", COLUMN_TEXT, 0.15, true },
	{ "name", "NAME", COLUMN_TEXT, 0.3, true }, { "reason", "REASON", COLUMN_TEXT, 9, true },
	{ "value", "VALUE", COLUMN_JSON, 10, false }, { "unit", "UNIT", COLUMN_TEXT, 4, true },
	{ "time_ms", "AGE", COLUMN_AGE, 4, false }, { 0 } };
static const struct column holding_columns[] = {
	{ "site", "SITE", COLUMN_TEXT, 0.3, true }, { "lane", "LANE", COLUMN_TEXT, 8, false },
	{ "high", "HIGH", COLUMN_NUMBER, 8, false }, { "epoch", "EPOCH", COLUMN_NUMBER, 12, false }, { 0 } };
static const struct column invite_columns[] = {
	{ "id", "ID", COLUMN_TEXT, 16, false }, { "by", "BY", COLUMN_TEXT, 0.3, true },
	{ "state", "STATE", COLUMN_TEXT, 9, false }, { "used", "USED", COLUMN_NUMBER, 4, false },
	{ "uses", "OF", COLUMN_NUMBER, 3, false }, { "expires_ms", "LEFT", COLUMN_LEFT, 4, false }, { 0 } };

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
