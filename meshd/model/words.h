/* words.h - lists of words: `via`, witnesses.  A JSON array of texts.  Floor 5.  Pure.
 */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H
#include "fields.h"

struct word {
	struct text_view word;
};
extern const struct field_table word_table; /* bare */
#endif
