#include "order.h"

/* clang-format off */
static const struct field rows[] = {
	FIELD(struct order, kind, UNIT_NONE, FIELD_REQUIRED, ORDER_KIND, ORDER_KIND, "2: an operation."),
	FIELD(struct order, op, UNIT_NONE, FIELD_REQUIRED, 1, 48, "Its name, as in API.md."),
	FIELD(struct order, json, UNIT_NONE, FIELD_REQUIRED, 2, ORDER_PARAMS_MAX, "Its parameters, a JSON object."),
	FIELD(struct order, time_ms, UNIT_UNIX_MS, FIELD_REQUIRED, 0, 0, "When it was asked, by the asker's clock."),
	FIELD(struct order, nonce, UNIT_NONE, FIELD_REQUIRED, 0, 0, "Random: the same question comes once."),
};
const struct field_table order_table = { "order", rows, LENGTH(rows), sizeof(struct order),
	FIELD_NO_HAS, false };

static const struct field done_rows[] = {
	FIELD(struct order_done, status, UNIT_NONE, FIELD_REQUIRED, 100, 599, "200, or what it failed with, as HTTP says it."),
	FIELD(struct order_done, detail, UNIT_NONE, 0, 0, 400, "What was wrong."),
	FIELD(struct order_done, json, UNIT_NONE, 0, 0, ORDER_JSON_MAX, "200: the answer's members, a JSON object."),
};
const struct field_table order_done_table = { "order answer", done_rows, LENGTH(done_rows),
	sizeof(struct order_done), FIELD_NO_HAS, false };
/* clang-format on */
