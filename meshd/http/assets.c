#include "assets.h"
#include "text.h"

const struct asset *
asset_find(struct text_view path)
{
	for (size_t i = 0; i < asset_count; i++)
		if (text_is(path, asset_table[i].path))
			return &asset_table[i];
	return NULL;
}
