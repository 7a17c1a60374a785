/* document.h - JSON as meshctl reads and prints it, in one place.
 *
 * Texts may come off the air.  They may hold NUL, so whoever shows one asks jansson for
 * its length; and what is printed has control and bidi characters as \uXXXX, which is
 * the same JSON and moves no cursor.  Floor 11. */
#ifndef MESHCTL_DOCUMENT_H
#define MESHCTL_DOCUMENT_H
#include "types.h"
#include <jansson.h>

/* What a daemon said.  Also what jansson has no form for: NUL in a member's name
 * becomes U+FFFD there; a whole number of 2^63 to 2^64-1 a text that document_dump and
 * all below write as that number, a greater one a real one.  `flags` are jansson's,
 * beside JSON_ALLOW_NUL.  NULL: `why` says what is wrong and where. */
json_t *document_read(struct text_view json, size_t flags, json_error_t *why);
/* The same from a file, as it stands; "-" is standard input. */
json_t *document_load(const char *path, size_t flags, json_error_t *why);
/* json_dumps, and such numbers. */
char *document_dump(const json_t *value, size_t flags);
/* A text, or the digits of such a number. */
struct text_view document_string(const json_t *string);
/* A number, such ones as well, or false. */
bool document_number(const json_t *value, double *out);
/* As text without what a terminal would obey; the caller's to free.  NULL: no memory.
 */
char *document_text(const json_t *value, size_t flags);
/* A line on standard output; `flags` say the layout. */
void document_print(const json_t *value, size_t flags);
/* JSON that is there already, as it is but for such characters. */
void document_print_text(struct text_view json);
#endif
