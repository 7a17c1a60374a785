/* sim_radio.h - struct radio of the driver `sim`, for the files that are it.
 *
 * Floor 3.  Pure. */
#ifndef RADIO_SIM_RADIO_H
#define RADIO_SIM_RADIO_H
#include "radio.h"
#include "radio_counters.h"
#include "sim_speech.h"
#include "tree.h"

enum { SIM_ANSWERS = 32, SIM_FACTS = 24 };
enum { SIM_DRAW_SELF = 200, SIM_DRAW_ANSWER }; /* sim_draw: what for */
enum sim_answer_kind {
	SIM_ANSWER_SENT,
	SIM_ANSWER_ECHO,
	SIM_ANSWER_TEXT,
	SIM_ANSWER_ROUTE
};
struct sim_answer {
	bool used;
	enum sim_answer_kind kind;
	enum radio_sent sent;
	uint64_t request, order; /* `order`: as they were asked for */
	uint32_t node;           /* index of who answers */
	uint32_t packet;         /* our packet it is about */
	uint32_t to;             /* ECHO: whom we wrote to, and what */
	uint16_t text_len;
	unix_ms due_ms;
	uint8_t text[SIM_TEXT_MAX];
};
struct sim_asked { /* what will still be said about requests; zero: nothing */
	uint64_t requests;
	struct sim_answer answers[SIM_ANSWERS];
};
struct radio {
	struct sim_cell cell;
	uint32_t self; /* our own node's number */
	char name[32];
	size_t name_len;
	bool up, ready_due;
	uint32_t node_due; /* index of the next node to tell of */
	struct mesh_now now;
	unix_ms sample_ms;
	struct sim_asked asked;
	uint64_t counters[COUNT_RADIO_ALL];
	struct tree_item facts[SIM_FACTS];
	uint8_t payload[SIM_RAW_MAX], raw[SIM_RAW_MAX + 64];
};
/* That frame as a reception, and counted; its raw bytes live until the next. */
void sim_radio_hear(
    struct radio *r, const struct sim_frame *frame, struct radio_event *out);
#endif
