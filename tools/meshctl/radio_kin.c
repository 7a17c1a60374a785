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
}

static bool
is_alive(const struct radio_kin_lists *l, const char *site)
{
	const json_t *peer;
	size_t i;
	if (strcmp(site, l->self) == 0)
		return true;
	json_array_foreach(json_object_get(l->peers, "items"), i, peer)
	{
		if (strcmp(radio_hand_text(peer, "name"), site) == 0)
			return strcmp(radio_hand_text(peer, "state"), "alive") == 0;
	}
	return false;
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
		bool holds = is_alive(l, site) &&
		    strcmp(radio_hand_text(state, "value.state"), "connected") == 0;
		if (found && !holds)
			continue;
		*out = (struct radio_kin){ site, key + sizeof prefix - 1,
			radio_hand_text(state, "value.node.id"), holds };
		found = true;
	}
	return found;
}
