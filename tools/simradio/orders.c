#include "orders.h"
#include "mt_codec.h"
#include "stream.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE = 512, ITEMS = 24 };

const char orders_help[] =
    "  drop             hang up on the client\n"
    "  full | slow MS | deaf | half | log N | mute | none\n"
    "                   take nothing | a frame per MS | say nothing | stop inside a\n"
    "                   frame | console text before every N-th frame | do not tell\n"
    "                   canned messages and ringtone | be well again\n"
    "  garbage N        N bytes that start no frame, once\n"
    "  rebooted         the frame that old firmware starts with, once\n"
    "  dies N           it starts anew at the N-th message about itself, once\n"
    "  text FROM ID TEXT...\n"
    "                   a broadcast is heard\n"
    "  packet FROM PORT ID TEXT...\n"
    "                   the same by another port\n"
    "  hear HEX         this MeshPacket is heard\n"
    "  relayed ID       somebody is heard to repeat the radio's packet\n"
    "  admin HEX        this AdminMessage reaches the radio, as if from its client\n";

static const struct fault_word {
	const char *word;
	enum mt_device_fault fault;
} fault_words[] = {
	{ "none", MT_FAULT_NONE },
	{ "full", MT_FAULT_FULL },
	{ "slow", MT_FAULT_SLOW },
	{ "deaf", MT_FAULT_DEAF },
	{ "half", MT_FAULT_HALF },
	{ "garbage", MT_FAULT_GARBAGE },
	{ "log", MT_FAULT_LOG },
	{ "rebooted", MT_FAULT_REBOOTED },
	{ "mute", MT_FAULT_MUTE },
	{ "dies", MT_FAULT_DIES },
};

static uint32_t
number(const char *word)
{
	return word != NULL ? (uint32_t)strtoul(word, NULL, 0) : 0;
}

static bool
put_hex(const char *word, struct bytes_out *out)
{
	size_t len = word != NULL ? strlen(word) : 0;
	for (size_t i = 0; i + 1 < len; i += 2) {
		char pair[3] = { word[i], word[i + 1], '\0' }, *end;
		bytes_put_u8(out, (uint8_t)strtoul(pair, &end, 16));
		if (*end != '\0')
			return false;
	}
	return len > 0 && len % 2 == 0 && !out->failed;
}

static void
put_packet(uint32_t from, uint32_t to, uint32_t id, uint32_t port,
    struct bytes_view payload, struct bytes_out *out)
{
	struct tree_item items[ITEMS];
	struct tree_out t = tree_out(items, ITEMS);
	tree_put_u64(&t, "from", from);
	tree_put_u64(&t, "to", to);
	tree_open_map(&t, "decoded");
	tree_put_u64(&t, "portnum", port);
	tree_put_bytes(&t, "payload", payload);
	tree_shut(&t);
	tree_put_u64(&t, "id", id);
	tree_put_f32(&t, "rx_snr", 6.25F);
	tree_put_u64(&t, "hop_limit", 2);
	tree_put_i64(&t, "rx_rssi", -71);
	tree_put_u64(&t, "hop_start", 3);
	if (protobuf_encode(&mt_mesh_packet, tree_done(&t), out) != MESH_OK)
		out->failed = true;
}

/* `port` NULL: it is said. */
static bool
hear_words(struct mt_device *d, const char *port, char *rest, struct mesh_now now)
{
	uint8_t block[MESSAGE];
	struct bytes_out out = bytes_out(block, sizeof block);
	char *from = strtok_r(rest, " ", &rest);
	if (port == NULL)
		port = strtok_r(rest, " ", &rest);
	char *id = strtok_r(rest, " ", &rest);
	if (id == NULL || rest == NULL || *rest == '\0')
		return false;
	put_packet(number(from), MT_BROADCAST, number(id), number(port),
	    bytes_view(rest, strlen(rest)), &out);
	if (!out.failed)
		mt_device_hear(d, bytes_written(&out), now);
	return !out.failed;
}

static bool
administer(struct mt_device *d, const char *word, struct mesh_now now)
{
	uint8_t payload_block[MESSAGE], packet_block[MESSAGE], block[MESSAGE],
	    frame_block[MESSAGE + 8];
	struct bytes_out payload = bytes_out(payload_block, sizeof payload_block);
	struct bytes_out packet = bytes_out(packet_block, sizeof packet_block);
	struct bytes_out out = bytes_out(block, sizeof block);
	struct bytes_out frame = bytes_out(frame_block, sizeof frame_block);
	if (!put_hex(word, &payload))
		return false;
	uint32_t id = (uint32_t)now.ms | 1; /* each is another one */
	put_packet(0, mt_device_number(d), id, MT_PORT_ADMIN, bytes_written(&payload),
	    &packet);
	protobuf_put_key(&out, MT_TO_PACKET, WIRE_LEN);
	protobuf_put_varint(&out, packet.len);
	bytes_put_view(&out, bytes_written(&packet));
	stream_write(&frame, bytes_written(&out));
	mt_device_receive(d, bytes_written(&frame), now);
	return !packet.failed && !frame.failed;
}

static bool
hear_packet(struct mt_device *d, const char *word, struct mesh_now now)
{
	uint8_t block[MESSAGE];
	struct bytes_out out = bytes_out(block, sizeof block);
	if (!put_hex(word, &out))
		return false;
	mt_device_hear(d, bytes_written(&out), now);
	return true;
}

enum order_result
orders_obey(struct mt_device *d, char *line, struct mesh_now now)
{
	char *rest = NULL;
	const char *word = strtok_r(line, " \r\n", &rest);
	bool done = false;
	if (word == NULL)
		return ORDER_DONE;
	if (strcmp(word, "drop") == 0)
		return ORDER_DROP;
	if (strcmp(word, "quit") == 0)
		return ORDER_QUIT;
	rest[strcspn(rest, "\r\n")] = '\0';
	for (size_t i = 0; i < LENGTH(fault_words); i++)
		if (strcmp(word, fault_words[i].word) == 0) {
			mt_device_fault(d, fault_words[i].fault, number(rest));
			return ORDER_DONE;
		}
	if (strcmp(word, "text") == 0)
		done = hear_words(d, "1", rest, now);
	else if (strcmp(word, "packet") == 0)
		done = hear_words(d, NULL, rest, now);
	else if (strcmp(word, "hear") == 0)
		done = hear_packet(d, rest, now);
	else if (strcmp(word, "admin") == 0)
		done = administer(d, rest, now);
	else if (strcmp(word, "relayed") == 0) {
		mt_device_overhear(d, number(rest), now);
		done = true;
	}
	return done ? ORDER_DONE : ORDER_UNKNOWN;
}
