#include "radio.h"

/* What every driver without settings says: in this one place. */

static bool
no_setting(const struct radio *r, size_t index, bool secrets, struct arena *into,
    struct radio_setting *out)
{
	(void)r, (void)index, (void)secrets, (void)into, (void)out;
	return false;
}

static bool
no_channel(
    const struct radio *r, size_t index, struct arena *into, struct radio_channel *out)
{
	(void)r, (void)index, (void)into, (void)out;
	return false;
}

static enum mesh_err
no_compare(const struct radio *r, struct text_view section, struct tree_view wanted,
    struct arena *into, struct radio_plan *plan, struct bytes_out *complaint)
{
	(void)r, (void)section, (void)wanted, (void)into, (void)plan, (void)complaint;
	return MESH_DENIED;
}

static enum mesh_err
no_administer(struct radio *r, const struct radio_order *o, struct mesh_now now)
{
	(void)r, (void)o, (void)now;
	return MESH_DENIED;
}

static const struct radio_admin_ops nothing = { no_setting, no_channel, no_compare,
	no_administer };

const struct radio_admin_ops *
radio_admin(const struct radio_ops *driver)
{
	return driver->admin != NULL ? driver->admin : &nothing;
}
