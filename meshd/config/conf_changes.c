#include "conf_inside.h"
#include "conf_value.h"
#include "text.h"

static const struct conf_instance *
instance_at(const struct config *c, size_t index)
{
	const struct conf_instance *i = c != NULL ? c->first : NULL;
	while (i != NULL && index-- > 0)
		i = i->next;
	return i;
}

static size_t
instance_count(const struct config *c)
{
	size_t n = 0;
	for (const struct conf_instance *i = c != NULL ? c->first : NULL; i != NULL;
	     i = i->next)
		n++;
	return n;
}

static const struct conf_instance *
same_in(const struct config *c, const struct conf_instance *i)
{
	return c != NULL ? conf_instance_find(c, i->section, text(i->name)) : NULL;
}

/* The most disruptive of the rows that differ; false: none does. */
static bool
differ(const struct conf_instance *a, const struct conf_instance *b,
    enum option_applies *applies)
{
	bool any = false;
	*applies = APPLIES_LIVE;
	for (size_t k = 0; k < a->section->count; k++) {
		const struct conf_option *row = &a->section->rows[k];
		if (conf_value_equal(row, a->object, b->object))
			continue;
		any = true;
		if (row->applies > *applies)
			*applies = row->applies;
	}
	return any;
}

static bool
change_of(const struct conf_instance *old, const struct conf_instance *now,
    struct config_change *out)
{
	const struct conf_instance *i = old != NULL ? old : now;
	*out = (struct config_change){ .kind = SECTION_CHANGED,
		.applies = APPLIES_RECONNECT,
		.section = i->section,
		.instance = i->name,
		.before = old != NULL ? old->object : NULL,
		.after = now != NULL ? now->object : NULL };
	if (old == NULL)
		out->kind = SECTION_ADDED;
	else if (now == NULL)
		out->kind = SECTION_REMOVED;
	else
		return differ(old, now, &out->applies);
	return true;
}

/* First what was there before, changed or removed, then what is new. */
bool
config_next_change(const struct config *before, const struct config *after,
    size_t *place, struct config_change *out)
{
	size_t olds = instance_count(before), all = olds + instance_count(after);
	while (*place < all) {
		size_t k = (*place)++;
		const struct conf_instance *old = instance_at(before, k);
		const struct conf_instance *now = old != NULL
		    ? same_in(after, old)
		    : instance_at(after, k - olds);
		if (old == NULL && same_in(before, now) != NULL)
			continue; /* compared from the other side */
		if (change_of(old, now, out))
			return true;
	}
	return false;
}
