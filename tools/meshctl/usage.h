/* usage.h - what meshctl's commands are and how they are called, for people.
 *
 * Made from the table of commands.  To stdout.  Floor 11. */
#ifndef MESHCTL_USAGE_H
#define MESHCTL_USAGE_H
#include "commands.h"

void commands_usage(void);
/* The commands of a noun that has several, a line each.  False: it has but one. */
bool noun_usage(const char *noun);
void command_usage(const struct command *c);
#endif
