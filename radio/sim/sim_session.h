/* sim_session.h - the driver `sim`: a radio that is not there, in a cell that is not.
 *
 * It needs no link; link_up brings READY, the nodes it knows, then what it hears. Every
 * reception carries VIA_SIMULATED, every id is of the simulated kinds, so nothing of it
 * can be taken for real.  Texts and traceroutes given to it are answered the way a mesh
 * would.  Floor 3.  Pure: time is Unix time as handed in, randomness is the seed. */
#ifndef RADIO_SIM_SESSION_H
#define RADIO_SIM_SESSION_H
#include "radio.h"

extern const struct radio_ops radio_sim_ops;
#endif
