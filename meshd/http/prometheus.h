/* prometheus.h - the site's numbers as Prometheus reads them (text format 0.0.4).
 *
 * Every counter, `port.frames.seen` as meshd_port_frames_seen_total, and the figures of
 * the radios' links as they are now, `radio` and `reason` as labels.  What other sites
 * measured is not here: each is asked itself.  Floor 9.  Pure. */
#ifndef PROMETHEUS_H
#define PROMETHEUS_H
#include "call.h"

enum { PROMETHEUS_BYTES = 64 * 1024, PROMETHEUS_MOST = 1024 * 1024 };
#define PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"
/* In a block that the caller frees; NULL: no memory, or more than PROMETHEUS_MOST. */
uint8_t *prometheus_page(const struct op_world *w, size_t *len);
#endif
