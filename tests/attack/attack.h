/* attack.h - what an attack may change at the honest sites: nothing but what is said.
 *
 * attack_starts remembers every site: peers, have-sets, sessions, tables in use, what
 * it told, sent and counted, its memory.  Then the attacker acts, the test says with
 * attack_moves which counters that moves, with attack_answers what may be sent in
 * reply, and attack_ends compares.  Virtual time stands still in between unless the
 * test runs it: then beacons and pings go on, and attack_holds compares the state
 * alone.
 *
 * Each attack is a row of attacks.txt beside the text of its defence.  CMake builds the
 * program once more for each row, with that text replaced, and then the test must fail.
 */
#ifndef ATTACK_H
#define ATTACK_H
#include "check_mesh.h"
#include "inside.h"
#include "meshtrust.h"
#include "seal.h"
#include "world.h"

/* --- before and after --- */

void attack_starts(const struct world *w);
/* NULL: some counter of a datagram that was not authentic, whichever. */
void attack_moves(uint32_t site, const char *counter, uint64_t by);
/* At most `bytes` more sent by that site. */
void attack_answers(uint32_t site, uint64_t bytes);
void attack_ends(const struct world *w, const char *why); /* and starts anew */
/* State alone: peers, have-sets, sessions, what was told. */
void attack_holds(const struct world *w, uint32_t site, const char *why);
uint64_t attack_sent_bytes(const struct world *w, uint32_t site); /* since it started */

/* --- an admitted neighbour that lies: it has keys, and uses its own sessions --- */

/* Its next datagram to `to`, with frames of its choice; into a static buffer. */
struct bytes_view liar_seals(
    struct world *w, uint32_t liar, uint32_t to, struct bytes_view frames);
/* It arrives at once. */
void liar_sends(struct world *w, uint32_t liar, uint32_t to, struct bytes_view frames);
void liar_sends_from(struct world *w, uint32_t liar, uint32_t to,
    const struct mesh_path *from, struct bytes_view frames);
/* A record that it signs, alone in its bundle; into a static buffer.  No rule of
 * PROTOCOL.md 2 is looked at. */
struct bytes_view liar_signs(
    const struct world *w, uint32_t liar, const struct record *r);
/* The same with msgpack values, `count` of them, behind the last element of the core.
 */
struct bytes_view liar_signs_more(const struct world *w, uint32_t liar,
    const struct record *r, struct bytes_view more, size_t count);
/* The PUSH of a bundle, with its tag as the trail; into a static buffer. */
struct bytes_view liar_push(
    const struct world *w, uint32_t liar, struct bytes_view bundle);
/* A record of its own with harmless numbers, to be spoilt by the test. */
struct record liar_record(
    const struct world *w, uint32_t liar, enum mesh_lane lane, uint64_t seq);
/* A beacon under the network's key by any identity; into a static buffer. */
struct bytes_view liar_beacon(
    const struct world *w, const struct mesh_identity *by, uint64_t boot, uint64_t seq);
/* The beacon of a site that never was before arrives at `to`. */
void liar_invents(struct world *w, uint32_t to, const struct mesh_path *from);
/* One of a later version: more versions, all features, three elements more. */
struct bytes_view liar_later_beacon(
    const struct world *w, const struct mesh_identity *by, uint64_t boot, uint64_t seq);

/* --- whoever has the network key --- */

/* A fresh HS1 by `who`'s keys that nothing else remembers; into a static buffer. */
struct bytes_view stranger_calls(const struct world *w, uint32_t who);
/* The same at the door of an invitation, by who has the token or a guess of it; NULL:
 * the network's own. */
struct bytes_view stranger_knocks(
    const struct world *w, uint32_t who, const struct mesh_invite *token);
struct mesh_path stranger_path(uint32_t number); /* each in a /24 of its own */

/* --- an eavesdropper: all that was on its way, in the order of arrival --- */

enum { EAVES_MAX = 2000 };
struct eaves {
	struct world_datagram heard[EAVES_MAX];
	size_t count;
};
/* A tap for world.tap; `ctx` is a struct eaves. */
enum world_fate eaves_tap(void *ctx, const struct world_datagram *d);
/* The first of a kind between the two, from index *at on; NULL: none. */
const struct world_datagram *eaves_find(const struct eaves *e, enum envelope_kind kind,
    uint32_t from, uint32_t to, size_t *at);
void strike(struct world *w, const struct world_datagram *d); /* it arrives again */
#endif
