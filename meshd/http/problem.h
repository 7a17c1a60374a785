/* problem.h - what went wrong, as RFC 9457 problem JSON.
 *
 * One row per status that this server gives.  `exit` is what meshctl ends with, so that
 * the client need not know statuses.  Floor 9.  Pure. */
#ifndef PROBLEM_H
#define PROBLEM_H
#include "bytes.h"

struct problem_row {
	uint16_t status;
	uint8_t
	    exit; /* meshctl's: 1 failed, 2 usage, 4 not found, 5 denied, 6 timeout */
	const char *slug, *title;
};
extern const struct problem_row problem_rows[];
extern const size_t problem_count;

/* The row of `status`; unknown ones count as 500. */
const struct problem_row *problem_of(uint16_t status);
void problem_write(uint16_t status, struct text_view detail, struct bytes_out *out);
#endif
