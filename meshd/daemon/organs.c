#include "organs.h"
#include "rules.h"
#include <stdlib.h>

struct organ {
	const char *name;
	void *(*make)(const struct organs_params *params);
	void (*release)(void *organ);
	bool (*read)(void *organ, struct mesh_now now);
};

static void *
make_rules(const struct organs_params *p)
{
	struct rules_params params = { p->feed, p->intents, p->live, p->counts };
	return rules_new(&params);
}

static void
release_rules(void *organ)
{
	rules_free(organ);
}

static bool
read_rules(void *organ, struct mesh_now now)
{
	return rules_read(organ, now);
}

static const struct organ organs[] = {
	{ "alerts", make_rules, release_rules, read_rules },
};

struct organs {
	void *of[LENGTH(organs)];
};

struct organs *
organs_new(const struct organs_params *params)
{
	struct organs *o = calloc(1, sizeof *o);
	if (o == NULL)
		return NULL;
	for (size_t i = 0; i < LENGTH(organs); i++) {
		o->of[i] = organs[i].make(params);
		if (o->of[i] == NULL) {
			organs_free(o);
			return NULL;
		}
	}
	return o;
}

void
organs_free(struct organs *o)
{
	for (size_t i = 0; o != NULL && i < LENGTH(organs); i++) {
		if (o->of[i] != NULL)
			organs[i].release(o->of[i]);
	}
	free(o);
}

bool
organs_read(struct organs *o, struct mesh_now now)
{
	bool more = false;
	for (size_t i = 0; i < LENGTH(organs); i++)
		more |= organs[i].read(o->of[i], now);
	return more;
}
