/* What a radio is set to. */
#include "call_inside.h"
#include "ports.h"
#include "setting.h"
#include "text.h"

/* The radio of that name, if it has told what it is set to.  NULL: the call has failed.
 */
static struct port *
told_port(struct call *c)
{
	struct text_view name = c->params.id;
	struct port *port = c->world->ports != NULL ? ports_find(c->world->ports, name)
						    : NULL;
	if (port == NULL)
		call_fail(
		    c, 404, "no radio '%.*s' at this site", (int)name.len, name.ptr);
	else if (!port_is_ready(port))
		call_fail(
		    c, 409, "radio '%.*s' is not connected", (int)name.len, name.ptr);
	else
		return port;
	return NULL;
}

void
ops_radio_channels(struct call *c)
{
	struct port *port = told_port(c);
	const struct radio *session;
	struct radio_channel channel;
	if (port == NULL)
		return;
	const struct radio_ops *driver = port_driver(port, &session);
	call_open(c);
	for (size_t i = 0; driver->channel(session, i, &c->arena, &channel); i++)
		call_item(c, &radio_channel_table, &channel);
	call_finish(c);
}

/* --- settings --- */

static bool
is_wanted(const struct call *c, const struct radio_setting *s)
{
	struct text_view wanted = c->params.section;
	return wanted.len == 0 || text_equal(wanted, s->section) ||
	    text_equal(wanted, s->group);
}

static void
put_settings(struct call *c, struct port *port)
{
	const struct radio *session;
	const struct radio_ops *driver = port_driver(port, &session);
	struct radio_setting s;
	struct arena rest = c->arena;
	size_t count = 0;
	call_open(c);
	for (size_t i = 0;
	     driver->setting(session, i, c->params.secrets, &c->arena, &s); i++) {
		if (is_wanted(c, &s) && ++count > 0)
			call_item(c, &radio_setting_table, &s);
		c->arena.used = rest.used;
	}
	if (count > 0)
		call_finish(c);
	else
		call_fail(c, 404, "radio '%.*s' has no setting '%.*s'",
		    (int)c->params.id.len, c->params.id.ptr, (int)c->params.section.len,
		    c->params.section.ptr);
}

/* Names of networks and brokers, and what is told to whom: that is not for everybody.
 */
void
ops_radio_config_get(struct call *c)
{
	if (c->audience != AUDIENCE_OPERATOR) {
		call_fail(c, 403,
		    "what a radio is set to is told to operators: use the UNIX socket");
		return;
	}
	struct port *port = told_port(c);
	if (port != NULL)
		put_settings(c, port);
}

void
ops_radio_config_export(struct call *c)
{
	ops_radio_config_get(c);
}
