#include "ops_place.h"
#include "text.h"
#include "tree.h"

enum { EXACT_BITS = 32 };

static bool
is_kept(const struct call *c)
{
	return c->abroad && c->world->place_bits != 0 &&
	    c->world->place_bits < EXACT_BITS;
}

static bool
is_place(const struct radio_setting *s)
{
	return text_is(s->group, "place");
}

void
ops_place_hide(struct call *c, struct radio_setting *s)
{
	struct tree_view values = s->values;
	if (!is_kept(c) || !is_place(s))
		return;
	struct tree_item *items = arena_take(
	    &c->arena, values.count + 1, sizeof *items);
	struct tree_out out = tree_out(items, items != NULL ? values.count : 0);
	for (size_t i = 0; i < values.count; i += values.items[i].span)
		tree_put_item(&out, values.items[i].name,
		    (struct tree_item){ .kind = TREE_NULL, .span = 1 });
	s->values = tree_done(&out);
}

static bool
names_place(struct call *c, const struct port *port, struct text_view section)
{
	const struct radio *session;
	const struct radio_admin_ops *admin = radio_admin(port_driver(port, &session));
	struct radio_setting s;
	size_t used = c->arena.used;
	bool found = false;
	for (size_t i = 0; !found && admin->setting(session, i, false, &c->arena, &s);
	     i++) {
		found = text_equal(s.section, section) && is_place(&s);
		c->arena.used = used;
	}
	return found;
}

static bool
is_null(const struct tree_item *map)
{
	for (uint32_t i = 1; i < map->span; i++)
		if (map[i].kind != TREE_NULL)
			return false;
	return map->span > 1;
}

enum ops_place
ops_place_take(struct call *c, const struct port *port, const struct tree_item *item)
{
	if (!is_kept(c) || !names_place(c, port, item->name))
		return PLACE_SHOWN;
	if (item->kind == TREE_MAP && is_null(item))
		return PLACE_LEFT;
	call_fail(c, 403,
	    "settings: %.*s: site.position_precision keeps where this radio is from "
	    "other sites: restore it there, or take it out of the file",
	    (int)item->name.len, item->name.ptr);
	return PLACE_REFUSED;
}
