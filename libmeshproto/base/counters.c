#include "counters.h"
#include "text.h"

size_t
counter_find(const struct counter_list *list, struct text_view name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (text_is(name, list->rows[i].name))
			return i;
	}
	return SIZE_MAX;
}
