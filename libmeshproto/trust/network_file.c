/* network_file.c - the network's file: mesh_network_read and _write of meshtrust.h. */
#include "address.h"
#include "bytes.h"
#include "netkey.h"
#include "seal.h"
#include "text.h"

enum { WORD_SHOWN = 32 };
enum line_key {
	LINE_FOUNDER,
	LINE_SALT,
	LINE_NETWORK_KEY, /* needed up to here */
	LINE_DEMO,
	LINE_PREVIOUS_KEY,
	LINE_PREVIOUS_UNTIL,
	LINE_NEXT_KEY,
	LINE_NEXT_AFTER,
	LINE_SEED, /* any number of them */
	LINE_KEYS
};
enum line_kind { LINE_HEX, LINE_YES_NO, LINE_NUMBER, LINE_ADDRESS };
static const struct {
	const char *word;
	enum line_kind kind;
	size_t offset, bytes; /* of a LINE_HEX or LINE_NUMBER */
} line_keys[LINE_KEYS] = {
	[LINE_FOUNDER] = { "founder", LINE_HEX, offsetof(struct mesh_network, founder),
	    32 },
	[LINE_SALT] = { "salt", LINE_HEX, offsetof(struct mesh_network, salt), 16 },
	[LINE_NETWORK_KEY] = { "network_key", LINE_HEX,
	    offsetof(struct mesh_network, key), 32 },
	[LINE_DEMO] = { "demo", LINE_YES_NO, 0, 0 },
	[LINE_PREVIOUS_KEY] = { "previous_key", LINE_HEX,
	    offsetof(struct mesh_network, previous), 32 },
	[LINE_PREVIOUS_UNTIL] = { "previous_until_ms", LINE_NUMBER,
	    offsetof(struct mesh_network, previous_until_ms), 8 },
	[LINE_NEXT_KEY] = { "next_key", LINE_HEX, offsetof(struct mesh_network, next),
	    32 },
	[LINE_NEXT_AFTER] = { "next_after_ms", LINE_NUMBER,
	    offsetof(struct mesh_network, next_after_ms), 8 },
	[LINE_SEED] = { "seed", LINE_ADDRESS, 0, 0 },
};

struct reader {
	struct mesh_network network;
	bool seen[LINE_KEYS];
	unsigned line;
	struct bytes_out *complaint; /* borrowed */
};

static enum mesh_err
complain(struct reader *r, const char *word, const char *what)
{
	text_printf(r->complaint, "line %u: %s %s", r->line, word, what);
	return MESH_MALFORMED;
}

static struct text_view
trimmed(struct text_view v)
{
	while (v.len > 0 && strchr(" \t\r", v.ptr[v.len - 1]) != NULL)
		v.len--;
	while (v.len > 0 && strchr(" \t\r", v.ptr[0]) != NULL) {
		v.ptr++;
		v.len--;
	}
	return v;
}

static struct text_view
next_line(struct text_view *rest)
{
	const char *end = memchr(rest->ptr, '\n', rest->len);
	size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
	struct text_view line = { rest->ptr, len };

	len += end != NULL;
	*rest = (struct text_view){ rest->ptr + len, rest->len - len };
	return trimmed(line);
}

static enum mesh_err
read_seed(struct reader *r, struct text_view value)
{
	uint8_t room[ADDRESS_WIRE_MAX];
	struct bytes_out wire = bytes_out(room, sizeof room);
	struct mesh_network *n = &r->network;
	if (n->seed_count == LENGTH(n->seeds))
		return complain(r, "seed", "stands there too often");
	if (text_hex_decode(value, &wire) != MESH_OK ||
	    !address_read_wire(bytes_written(&wire), &n->seeds[n->seed_count]))
		return complain(r, "seed", "must be 12 or 36 hex digits");
	n->seed_count++;
	return MESH_OK;
}

static enum mesh_err
read_value(struct reader *r, enum line_key key, struct text_view value)
{
	const char *word = line_keys[key].word;

	if (line_keys[key].kind == LINE_ADDRESS)
		return read_seed(r, value);
	if (r->seen[key])
		return complain(r, word, "stands there twice");
	r->seen[key] = true;
	if (line_keys[key].kind == LINE_YES_NO) {
		r->network.demo = text_is(value, "yes");
		if (!r->network.demo && !text_is(value, "no"))
			return complain(r, word, "must be yes or no");
		return MESH_OK;
	}
	if (line_keys[key].kind == LINE_NUMBER) {
		uint64_t n;
		if (text_parse_u64(value, &n) != MESH_OK)
			return complain(r, word, "must be a number");
		memcpy((uint8_t *)&r->network + line_keys[key].offset, &n, sizeof n);
		return MESH_OK;
	}
	struct bytes_out o = bytes_out(
	    (uint8_t *)&r->network + line_keys[key].offset, line_keys[key].bytes);
	if (text_hex_decode(value, &o) != MESH_OK || o.len != o.cap) {
		text_printf(r->complaint, "line %u: %s must be %zu hex digits", r->line,
		    word, 2 * line_keys[key].bytes);
		return MESH_MALFORMED;
	}
	return MESH_OK;
}

static enum mesh_err
read_line(struct reader *r, struct text_view line)
{
	const char *equals;

	if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
		return MESH_OK;
	equals = memchr(line.ptr, '=', line.len);
	if (equals == NULL)
		return complain(r, "this", "is not `key = value`");
	struct text_view word = { line.ptr, (size_t)(equals - line.ptr) };
	struct text_view value = { equals + 1, line.len - word.len - 1 };
	for (enum line_key k = 0; k < LINE_KEYS; k++)
		if (text_is(trimmed(word), line_keys[k].word))
			return read_value(r, k, trimmed(value));
	text_printf(r->complaint, "line %u: unknown key \"", r->line);
	text_put_clean(
	    r->complaint, bytes_view(word.ptr, trimmed(word).len), WORD_SHOWN);
	text_put(r->complaint, "\"");
	return MESH_MALFORMED;
}

static enum mesh_err
read_all(struct reader *r, struct text_view file)
{
	while (file.len > 0) {
		r->line++;
		enum mesh_err err = read_line(r, next_line(&file));
		if (err != MESH_OK)
			return err;
	}
	r->network.has_previous = r->seen[LINE_PREVIOUS_KEY];
	r->network.has_next = r->seen[LINE_NEXT_KEY];
	for (enum line_key k = 0; k < LINE_DEMO; k++)
		if (!r->seen[k])
			return complain(r, line_keys[k].word, "is missing");
	if (!seal_is_sound(r->network.founder.bytes))
		return complain(r, line_keys[LINE_FOUNDER].word, "is no public key");
	return MESH_OK;
}

enum mesh_err
mesh_network_read(
    struct text_view file, struct mesh_network *out, struct bytes_out *complaint)
{
	struct reader r = { .complaint = complaint };
	enum mesh_err err = read_all(&r, file);

	if (err == MESH_OK) {
		netkey_name_network(&r.network);
		*out = r.network;
	}
	seal_wipe(&r.network, sizeof r.network);
	return err;
}

static void
put_line(struct bytes_out *out, enum line_key key, const struct mesh_network *n)
{
	const uint8_t *at = (const uint8_t *)n + line_keys[key].offset;

	uint64_t number;
	text_put(out, line_keys[key].word);
	text_put(out, " = ");
	if (line_keys[key].kind == LINE_YES_NO) {
		text_put(out, n->demo ? "yes" : "no");
	} else if (line_keys[key].kind == LINE_NUMBER) {
		memcpy(&number, at, sizeof number);
		text_put_u64(out, number);
	} else
		text_put_hex(out, bytes_view(at, line_keys[key].bytes));
	text_put(out, "\n");
}

void
mesh_network_write(const struct mesh_network *network, struct bytes_out *out)
{
	text_put(out,
	    "# The network this site belongs to.  Secret: who has this file can "
	    "join.\n");
	for (enum line_key k = 0; k <= LINE_DEMO; k++)
		put_line(out, k, network);
	for (enum line_key k = LINE_PREVIOUS_KEY;
	     network->has_previous && k < LINE_NEXT_KEY; k++)
		put_line(out, k, network);
	for (enum line_key k = LINE_NEXT_KEY; network->has_next && k < LINE_SEED; k++)
		put_line(out, k, network);
	for (size_t i = 0; i < network->seed_count; i++) {
		text_printf(out, "%s = ", line_keys[LINE_SEED].word);
		text_put_hex(out, address_wire(&network->seeds[i]));
		text_put(out, "\n");
	}
}
