#include "replica.h"
#include <string.h>

struct replica
replica_of(enum replica_part most, struct text_view types)
{
	struct replica r = { .most = most };
	size_t len = types.len < sizeof r.types ? types.len : sizeof r.types;
	if (most == REPLICA_NOTHING)
		return r;
	if (len > 0)
		memcpy(r.types, types.ptr, len);
	r.types_len = (uint16_t)len;
	return r;
}

bool
replica_is_partial(const struct replica *r)
{
	return r->most != REPLICA_WHOLE || r->types_len > 0;
}

/* The next word, without the blanks around it. */
static struct text_view
next_word(struct text_view *rest)
{
	struct text_view word = *rest;
	const char *comma = memchr(rest->ptr, ',', rest->len);
	if (comma != NULL)
		word.len = (size_t)(comma - rest->ptr);
	size_t passed = word.len + (comma != NULL);
	*rest = (struct text_view){ rest->ptr + passed, rest->len - passed };
	for (; word.len > 0 && word.ptr[0] == ' '; word.len--)
		word.ptr++;
	while (word.len > 0 && word.ptr[word.len - 1] == ' ')
		word.len--;
	return word;
}

static bool
is_listed(const struct replica *r, struct text_view type)
{
	struct text_view rest = { r->types, r->types_len };
	while (rest.len > 0) {
		struct text_view word = next_word(&rest);
		if (word.len > 0 && word.len == type.len &&
		    memcmp(word.ptr, type.ptr, type.len) == 0)
			return true;
	}
	return false;
}

enum replica_part
replica_of_type(const struct replica *r, struct text_view type)
{
	return r->types_len == 0 || is_listed(r, type) ? r->most : REPLICA_KEY;
}
