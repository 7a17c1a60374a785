/* schemas.h - every shape that leaves the house: `meshd.NOUN/1`.  Floor 5.  Pure. */
#ifndef MODEL_SCHEMAS_H
#define MODEL_SCHEMAS_H
#include "fields.h"

struct schema {
	const char *noun; /* "packets": schema "meshd.packets/1", path /packets */
	const struct field_table *table;
};
extern const struct schema schemas[];                    /* ends with noun NULL */
const struct schema *schema_find(struct text_view noun); /* or NULL */
/* Every table of the model, bodies and parts included: for tests and docgen; ends with
 * NULL. */
extern const struct field_table *const schema_tables[];
#endif
