#include "words.h"

static const struct field word_rows[] = {
	FIELD(struct word, word, UNIT_NONE, 0, 1, 64, "One word of a list."),
};
const struct field_table word_table = { "word", word_rows, LENGTH(word_rows),
	sizeof(struct word), FIELD_NO_HAS, true };
