/* units.h - numbers as people write them: `30s`, `1GiB`, `-92 dBm`.  Floor 0.  Pure. */
#ifndef MESH_UNITS_H
#define MESH_UNITS_H
#include "bytes.h"
#include "fields.h"

/* "90s" -> 90000 for UNIT_MS (ms s m h d w), "1GiB" for UNIT_BYTES (B KiB MiB GiB TiB,
 * and kB MB GB), a bare number in the unit itself.  MESH_MALFORMED: not a number, a
 * unit that does not belong, or over int64. */
MESH_MUST_CHECK enum mesh_err units_parse(
    struct text_view text, enum field_unit unit, int64_t *out);
/* The largest unit that divides evenly: 90000 ms -> "90s", 43200000 -> "12h". */
void units_print(enum field_unit unit, int64_t value, struct bytes_out *out);
const char *units_name(enum field_unit unit); /* "ms", "dBm", "" */
#endif
