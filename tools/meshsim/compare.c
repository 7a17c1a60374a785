#include "compare.h"
#include "must.h"
#include <stdlib.h>

enum { SENT, SENT_BYTES, RECEIVED, RECEIVED_BYTES, TOLD, CHANGES, MORE };
static const char *const more[MORE] = { "datagrams sent", "bytes sent",
	"datagrams received", "bytes received", "records told", "changes told" };

struct tally {
	uint32_t sites;
	size_t each;      /* values of one site */
	uint64_t *values; /* owned */
};

static void
take(const struct world_site *s, uint64_t *to)
{
	for (size_t i = 0; s->site != NULL && i < mesh_counters.count; i++)
		to[MORE + i] = mesh_site_counter(s->site, i);
	to[SENT] = s->sent;
	to[SENT_BYTES] = s->sent_bytes;
	to[RECEIVED] = s->received;
	to[RECEIVED_BYTES] = s->received_bytes;
	to[TOLD] = s->record_count;
	to[CHANGES] = s->change_count;
}

struct tally *
tally_of(const struct world *w)
{
	struct tally *t = must(calloc(1, sizeof *t));
	t->sites = w->params.sites;
	t->each = MORE + mesh_counters.count;
	t->values = must(calloc(t->sites * t->each, sizeof *t->values));
	for (uint32_t i = 0; i < t->sites; i++)
		take(&w->sites[i], t->values + i * t->each);
	return t;
}

void
tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	free(t->values);
	free(t);
}

void
tally_compare(const struct tally *real, const struct tally *standin, struct report *r)
{
	uint64_t differ = 0, all = real->sites * real->each;
	for (uint64_t k = 0; k < all; k++) {
		size_t i = k % real->each;
		if (real->values[k] == standin->values[k])
			continue;
		differ++;
		report_violation(r, "site %llu: %s is %llu, with the stand-in %llu",
		    (unsigned long long)(k / real->each),
		    i < MORE ? more[i] : mesh_counters.rows[i - MORE].name,
		    (unsigned long long)real->values[k],
		    (unsigned long long)standin->values[k]);
	}
	report_add_u64(r, "counters_compared", WORSE_LESS, all);
	report_add_u64(r, "counters_differ", WORSE_MORE, differ);
}
