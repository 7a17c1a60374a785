#include "registry.h"

bool
registry_init(struct registry *r, const struct registry_params *p)
{
	struct answering_params answering = { p->core, p->store, p->counts, p->self,
		p->hearsay, p->live };
	r->expiring = expiring_init(p->store, p->intents, p->counts, &p->self);
	r->retiring = retiring_init(p->core, p->store, &p->self);
	r->answering = answering_new(&answering);
	return r->answering != NULL;
}

void
registry_release(struct registry *r)
{
	answering_free(r->answering);
	r->answering = NULL;
}

void
registry_question(struct registry *r, const struct mesh_event *e, struct mesh_now now)
{
	answering_question(r->answering, e, now);
}

void
registry_outcome(struct registry *r, const struct store_outcome *o, struct mesh_now now)
{
	if (STORE_OWNER(o->token) == OWNER_ANSWERING)
		answering_outcome(r->answering, o, now);
	else if (STORE_OWNER(o->token) == OWNER_RETIRING)
		retiring_outcome(&r->retiring, o);
	else
		expiring_outcome(&r->expiring, o, now);
}

void
registry_tick(struct registry *r, struct mesh_now now)
{
	answering_tick(r->answering, now);
	expiring_tick(&r->expiring, now);
	retiring_tick(&r->retiring, now);
}

mesh_time_ms
registry_deadline(const struct registry *r)
{
	mesh_time_ms a = answering_deadline(r->answering),
		     b = expiring_deadline(&r->expiring),
		     c = retiring_deadline(&r->retiring);
	mesh_time_ms first = a < b ? a : b;
	return first < c ? first : c;
}
