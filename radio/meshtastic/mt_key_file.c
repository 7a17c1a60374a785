#include "mt_key_file.h"
#include "text.h"

static struct text_view
next_word(struct text_view *line)
{
	size_t i = 0;
	while (i < line->len && (line->ptr[i] == ' ' || line->ptr[i] == '\t'))
		i++;
	size_t from = i;
	while (i < line->len && line->ptr[i] != ' ' && line->ptr[i] != '\t')
		i++;
	struct text_view word = { line->ptr + from, i - from };
	*line = (struct text_view){ line->ptr + i, line->len - i };
	return word;
}

/* Base64 in either alphabet, padded or not. */
static bool
decode(struct text_view b64, struct bytes_out *key)
{
	char url[64];
	size_t len = 0;
	while (b64.len > 0 && b64.ptr[b64.len - 1] == '=')
		b64.len--;
	if (b64.len > sizeof url)
		return false;
	for (; len < b64.len; len++) {
		char c = b64.ptr[len];
		url[len] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
	}
	return text_base64url_decode((struct text_view){ url, len }, key) == MESH_OK;
}

/* NULL, or what is wrong. */
static const char *
take_channel(struct text_view line, struct mt_keys *out)
{
	enum { NAME_MAX = 11 }; /* the firmware's */
	uint8_t room[MT_KEY_MAX];
	struct bytes_out key = bytes_out(room, sizeof room);
	struct text_view name = next_word(&line), b64 = next_word(&line);
	struct mt_channel_key expanded;
	if (b64.len == 0 || next_word(&line).len > 0)
		return "wanted: channel NAME BASE64";
	if (name.len > NAME_MAX)
		return "a channel's name has at most 11 bytes";
	if (!decode(b64, &key))
		return "the key is not base64 of 1 to 32 bytes";
	if (!mt_key_expand(bytes_written(&key), &expanded))
		return "this key means no encryption";
	if (!mt_keys_add(out, name, bytes_written(&key), -1))
		return "too many channels";
	return NULL;
}

static const char *
take_secret(struct text_view line, struct mt_keys *out)
{
	struct bytes_out key = bytes_out(out->secret, sizeof out->secret);
	struct text_view b64 = next_word(&line);
	if (b64.len == 0 || next_word(&line).len > 0)
		return "wanted: secret BASE64";
	if (out->has_secret)
		return "a second secret";
	out->has_secret = decode(b64, &key) && key.len == MT_NODE_KEY;
	return out->has_secret ? NULL : "the secret is not base64 of 32 bytes";
}

static const struct {
	const char *word;
	const char *(*take)(struct text_view line, struct mt_keys *out);
} lines[] = { { "channel", take_channel }, { "secret", take_secret } };

static const char *
take_line(struct text_view line, struct mt_keys *out)
{
	struct text_view word = next_word(&line);
	if (word.len == 0 || word.ptr[0] == '#')
		return NULL;
	for (size_t i = 0; i < LENGTH(lines); i++)
		if (text_equal(word, text(lines[i].word)))
			return lines[i].take(line, out);
	return "wanted: channel or secret";
}

static struct text_view
next_line(struct text_view *file)
{
	const char *end = memchr(file->ptr, '\n', file->len);
	size_t len = end != NULL ? (size_t)(end - file->ptr) : file->len;
	struct text_view line = { file->ptr, len };
	size_t step = len + (end != NULL);
	*file = (struct text_view){ file->ptr + step, file->len - step };
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

bool
mt_key_file_read(
    struct text_view file, struct mt_keys *out, struct bytes_out *complaint)
{
	for (uint64_t number = 1; file.len > 0; number++) {
		const char *wrong = take_line(next_line(&file), out);
		if (wrong == NULL)
			continue;
		text_put(complaint, "line ");
		text_put_u64(complaint, number);
		text_put(complaint, ": ");
		text_put(complaint, wrong);
		return false;
	}
	return true;
}
