/* ops_place.h - the place of a radio, where another site asks:
 * `site.position_precision` counts for it as for all that leaves this site.  Floor 8.
 */
#ifndef OPS_PLACE_H
#define OPS_PLACE_H
#include "call_inside.h"
#include "port.h"

/* A section that is a place, and kept from who asks: its values become null, which a
 * restore leaves as they are.  Others stay. */
void ops_place_hide(struct call *c, struct radio_setting *s);
/* A section of a file that is to be restored.  Of a place what differs would say where
 * it is: one that is null is LEFT as it is, all else is REFUSED, and the call has
 * failed. */
enum ops_place { PLACE_SHOWN, PLACE_LEFT, PLACE_REFUSED };
enum ops_place ops_place_take(
    struct call *c, const struct port *port, const struct tree_item *item);
#endif
