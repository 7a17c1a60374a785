#include "nearest.h"

bool
nearest_wants(const struct nearest *n, float score)
{
	return n->count < n->keep ? score >= -1.5F : score > n->rows[0].score;
}

static void
swap(struct nearest_row *a, struct nearest_row *b)
{
	struct nearest_row was = *a;
	*a = *b;
	*b = was;
}

static void
rise(struct nearest *n, size_t at)
{
	for (size_t up; at > 0 && n->rows[at].score < n->rows[(at - 1) / 2].score;
	     at = up) {
		up = (at - 1) / 2;
		swap(&n->rows[at], &n->rows[up]);
	}
}

static void
sink(struct nearest *n, size_t at)
{
	for (size_t low;; at = low) {
		low = 2 * at + 1;
		if (low + 1 < n->count && n->rows[low + 1].score < n->rows[low].score)
			low++;
		if (low >= n->count || n->rows[at].score <= n->rows[low].score)
			return;
		swap(&n->rows[at], &n->rows[low]);
	}
}

void
nearest_put(struct nearest *n, const struct nearest_row *row)
{
	if (!nearest_wants(n, row->score))
		return;
	if (n->count < n->keep) {
		n->rows[n->count] = *row;
		rise(n, n->count++);
	} else {
		n->rows[0] = *row;
		sink(n, 0);
	}
}
