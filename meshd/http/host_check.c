#include "host_check.h"
#include "text.h"
#include <string.h>
#include <strings.h>

/* `host` without `:port`; empty if what follows the name is not a port. */
static struct text_view
without_port(struct text_view host)
{
	size_t name = 0;
	bool bracket = host.len > 0 && host.ptr[0] == '[';
	while (name < host.len && host.ptr[name] != (bracket ? ']' : ':'))
		name++;
	name += bracket && name < host.len;
	for (size_t i = name; i < host.len; i++)
		if (i == name ? host.ptr[i] != ':'
			      : strchr("0123456789", host.ptr[i]) == NULL)
			return (struct text_view){ 0 };
	return (struct text_view){ host.ptr, name };
}

static bool
is_name(struct text_view host, const char *name)
{
	return host.len == strlen(name) && strncasecmp(host.ptr, name, host.len) == 0;
}

bool
host_is_ours(struct text_view host, const char *configured)
{
	struct text_view name = without_port(host);
	if (name.len == 0)
		return false;
	return is_name(name, "localhost") || is_name(name, "127.0.0.1") ||
	    is_name(name, "[::1]") || (configured != NULL && is_name(name, configured));
}
