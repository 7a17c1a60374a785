#include "assets.h"
#include "text.h"

const char asset_policy[] = "default-src 'self'; base-uri 'none'; form-action 'none'; "
			    "frame-ancestors 'none'; object-src 'none'";

const struct asset *
asset_find(struct text_view path)
{
	for (size_t i = 0; i < asset_count; i++)
		if (text_is(path, asset_table[i].path))
			return &asset_table[i];
	return NULL;
}
