/* mt_order.h - orders to the radio itself: the session's side of mt_admin.
 * Floor 3.  Pure. */
#ifndef RADIO_MT_ORDER_H
#define RADIO_MT_ORDER_H
#include "mt_radio.h"

enum mesh_err mt_order_administer(struct radio *r, const struct radio_order *o);
/* What is due is sent, what had no answer ends. */
void mt_order_tick(struct radio *r);
/* True: it is the radio's answer about itself, and nothing that was heard. */
bool mt_order_hear(struct radio *r, const struct mt_packet *p);
/* When mt_order_tick has something to do. */
mesh_time_ms mt_order_deadline(const struct radio *r);
void mt_order_lost(struct radio *r);
/* The radio has told all of itself; `anew`: it has started since the link before. */
void mt_order_ready(struct radio *r, bool anew);
#endif
