#include "radio_kin.h"
#include "client.h"
#include "errors.h"
#include "radio_hand.h"
#include "tables.h"
#include <stdio.h>
#include <string.h>

static json_t *
glance(const struct options *o, const char *path)
{
	struct reply r = client_ask(o, "GET", path, NULL);
	json_t *all = errors_glance(&r);
	reply_free(&r);
	return all;
}

void
radio_kin_ask(struct radio_kin_lists *l, const struct options *o)
{
	json_t *status = glance(o, "/status");
	const char *self = json_string_value(member_at(status, "site.name"));
	*l = (struct radio_kin_lists){
		.states = glance(o, "/state?limit=5000&filter=key~%22radio/*%22"),
		.peers = glance(o, "/peers")
	};
	snprintf(l->self, sizeof l->self, "%s", self != NULL ? self : "");
	json_decref(status);
}

void
radio_kin_free(struct radio_kin_lists *l)
{
	json_decref(l->states);
	json_decref(l->peers);
	json_decref(l->own);
}

/* The state of what is called so; "": there is none. */
static const char *
state_of(const json_t *all, const char *name)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(all, "items"), i, item)
	{
		if (strcmp(radio_hand_text(item, "name"), name) == 0)
			return radio_hand_text(item, "state");
	}
	return "";
}

/* What our own site told all may be some minutes old. */
static bool
holds(const struct radio_kin_lists *l, const struct radio_kin *k, const char *told)
{
	bool ours = strcmp(k->site, l->self) == 0;
	const char *state = ours ? state_of(l->own, k->radio) : told;
	return strcmp(state, "connected") == 0 &&
	    (ours || strcmp(state_of(l->peers, k->site), "alive") == 0);
}

bool
radio_kin_find(const struct radio_kin_lists *l, const char *node, struct radio_kin *out)
{
	static const char prefix[] = "radio/";
	const json_t *state;
	size_t i;
	bool found = false;
	json_array_foreach(json_object_get(l->states, "items"), i, state)
	{
		const char *key = radio_hand_text(state, "key");
		const char *site = radio_hand_text(state, "site");
		if (strncmp(key, prefix, sizeof prefix - 1) != 0 ||
		    strcmp(radio_hand_text(state, "value.node.id"), node) != 0)
			continue;
		struct radio_kin k = { .site = site,
			.radio = key + sizeof prefix - 1,
			.node = radio_hand_text(state, "value.node.id") };
		k.holds = holds(l, &k, radio_hand_text(state, "value.state"));
		if (!found || k.holds)
			*out = k;
		found = true;
	}
	return found;
}
