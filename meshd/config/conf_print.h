/* conf_print.h - the options as a file: sample, defaults, effective values.  Floor 5.
 * Pure. */
#ifndef CONF_PRINT_H
#define CONF_PRINT_H
#include "bytes.h"
#include "options.h"

/* A file that can be loaded and changes nothing: every option with its sentence, range
 * and default.  Named sections stand there as comments. */
void conf_print_defaults(const struct section *const sections[], struct bytes_out *out);
/* "1 to 65535, default 4470"; "meshtastic, sim"; "yes or no, default yes". */
void conf_print_range(const struct conf_option *row, struct bytes_out *out);
/* One value as one would write it; secrets as "(secret)". */
void conf_print_value(
    const struct conf_option *row, const void *instance, struct bytes_out *out);
#endif
