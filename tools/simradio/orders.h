/* orders.h - what whoever started a simulated radio wants of it, a line each.
 *
 * Words: see simradio --help.  A line that is no order is told on stderr.  Edge. */
#ifndef ORDERS_H
#define ORDERS_H
#include "mt_device.h"

enum order_result { ORDER_DONE, ORDER_UNKNOWN, ORDER_DROP, ORDER_QUIT };
extern const char orders_help[];
enum order_result orders_obey(struct mt_device *d, char *line, struct mesh_now now);
#endif
