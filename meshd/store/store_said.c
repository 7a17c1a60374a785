/* What is told before the database has it, on its way there. */
#include "holding_rows.h"
#include "store_inside.h"

/* --- what a former life has told --- */

static void
know_epoch(struct statements *st, struct said *said)
{
	struct mesh_holding h;
	struct mesh_position at = { .origin = said->self };
	for (unsigned lane = 0; lane < LANE_COUNT && said->has_self; lane++) {
		at.lane = (enum mesh_lane)lane;
		if (!holding_rows_read(st, &at, &h))
			continue;
		at.epoch = h.epoch;
		said_know(said, &at);
	}
}

/* What cannot be written now stays where it is, and nothing is told early then. */
void
store_said_open(struct store *s, const char *path, const struct mesh_key *self)
{
	said_open(&s->said, path, self);
	know_epoch(&s->writer.s, &s->said);
	if (writer_put_said(&s->writer, &s->said) == MESH_OK)
		said_begin(&s->said);
	else
		said_close(&s->said);
}

/* --- what became of it --- */

/* Others may have it by now, and nobody says it anew: it is to be written when the disk
 * is well again, and until then a neighbour that asks is told to wait.  What was told
 * when it was written is in the database already, so no more of it than is bounded. */
static bool
is_to_be_written(const struct store *s, const struct request *r)
{
	bool refused = r->outcome.err == MESH_IO || r->outcome.err == MESH_FULL;
	return refused && (r->said || (r->told && s->unwritten.count < SAID_MOST));
}

bool
store_said_keep(struct store *s, struct request *r)
{
	if (is_to_be_written(s, r)) {
		r->again = r->said =
		    true; /* of what is written, no word but the last */
		request_list_put(&s->unwritten, r);
		return true;
	}
	if (r->said)
		said_end(&s->said, r->outcome.token);
	if (r->kind == REQUEST_RECORD && r->outcome.err == MESH_OK)
		said_know(&s->said, &r->as.record.at);
	return false;
}

/* Whoever raised it has his answer, and the core its word: this is for the feed. */
bool
store_said_is_news(struct store *s, struct request *r)
{
	if (store_said_keep(s, r))
		return false;
	if (r->outcome.err != MESH_OK) { /* of an epoch that is over */
		request_free(r);
		return false;
	}
	r->outcome.again = &r->as.record;
	s->lent = r;
	return true;
}

void
store_said_forget_lent(struct store *s)
{
	request_free(s->lent);
	s->lent = NULL;
}

void
store_said_write_again(struct store *s)
{
	for (size_t n = s->unwritten.count; n > 0; n--) {
		struct request *r = request_list_take(&s->unwritten);
		r->outcome = (struct store_outcome){ .token = r->outcome.token };
		if (queue_put(&s->writes, r) == MESH_OK)
			faults_count(&s->faults, COUNT_SAID_AGAIN);
		else
			request_list_put(&s->unwritten, r);
	}
}

void
store_said_close(struct store *s)
{
	struct request *r;
	store_said_forget_lent(s);
	said_close(&s->said); /* the next start reads what was not written */
	while ((r = request_list_take(&s->unwritten)) != NULL)
		request_free(r);
}
