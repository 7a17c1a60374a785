/* conf_value.h - the text of one value into its member, by its row.  Floor 5.  Pure. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H
#include "bytes.h"
#include "options.h"

/* False: the member is unchanged and `complaint` says what is wrong and which range:
 * "99999 is above 65535".  Texts keep pointing at `value`; a LIST is not read here. */
bool conf_value_read(const struct conf_option *row, struct text_view value,
    void *instance, struct bytes_out *complaint);
/* The length bounds of TEXT and of a LIST's texts. */
bool conf_value_fits(
    const struct conf_option *row, struct text_view value, struct bytes_out *complaint);
bool conf_value_equal(const struct conf_option *row, const void *a, const void *b);
/* Bounds that hold, the type's included; false: the kind has none. */
bool conf_value_bounds(const struct conf_option *row, int64_t *lo, int64_t *hi);
#endif
