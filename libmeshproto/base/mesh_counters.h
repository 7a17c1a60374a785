/* mesh_counters.h - what the mesh core counts: PROTOCOL.md 14, said once.
 *
 * On the lowest floor so that every organ can move its own: an organ keeps a borrowed
 * `uint64_t *counters` of COUNT_MESH entries and does counters[COUNT_RX_SHORT]++.  Each
 * dropped datagram moves exactly one, so that received = rx.taken + all other rx.* that
 * mean a drop.  The rows become `mesh_counters` in core/mesh_site.c.  Floor 0. */
#ifndef MESH_MESH_COUNTERS_H
#define MESH_MESH_COUNTERS_H
#include "counters.h"

/* clang-format off */
#define MESH_COUNTERS(X) \
	X(RX_TAKEN, "rx.taken", "datagrams", "Datagrams that were accepted.") \
	X(RX_SHORT, "rx.short", "datagrams", "Too short, too long, or not the length of their kind.") \
	X(RX_KIND, "rx.kind", "datagrams", "The first byte names no kind of datagram.") \
	X(RX_STRANGER, "rx.stranger", "datagrams", "Sent under another network's key.") \
	X(RX_BEACON_TAG, "rx.beacon_tag", "datagrams", "Beacons that our network's key does not open.") \
	X(RX_BEACON_OLD, "rx.beacon_old", "datagrams", "Beacons not newer than the last one from that site.") \
	X(RX_HS_TAG, "rx.hs_tag", "datagrams", "Handshakes altered on the way, or by somebody without the key.") \
	X(RX_HS_IDENTITY, "rx.hs_identity", "datagrams", "Handshakes by a site that is not who it says, not admitted, ourselves, or with an old boot.") \
	X(RX_HS_RATE, "rx.hs_rate", "datagrams", "Handshakes beyond what is answered per second or at one time.") \
	X(RX_HS_VERSION, "rx.hs_version", "datagrams", "Handshakes without a common protocol version.") \
	X(RX_COOKIE_SENT, "rx.cookie_sent", "datagrams", "Handshakes answered with a cookie alone, because there were many.") \
	X(RX_COOKIE_BAD, "rx.cookie_bad", "datagrams", "Cookies, ours or another's, that do not verify.") \
	X(RX_SID, "rx.sid", "datagrams", "For a session or handshake that does not exist here.") \
	X(RX_DATA_TAG, "rx.data_tag", "datagrams", "Session data altered on the way.") \
	X(RX_REPLAY, "rx.replay", "datagrams", "Seen before, or older than the window.") \
	X(RX_SHAPE, "rx.shape", "datagrams", "Authentic, but no well-formed message.") \
	X(RX_FRAME_UNKNOWN, "rx.frame_unknown", "frames", "Frames of a kind this version does not know; skipped.") \
	X(RECORD_DUPLICATE, "record.duplicate", "records", "Already known.") \
	X(RECORD_BAD_CACHED, "record.bad_cached", "records", "The same bytes were refused before.") \
	X(RECORD_BAD_SIG, "record.bad_sig", "records", "The signature is not the origin's.") \
	X(RECORD_BAD_PROOF, "record.bad_proof", "records", "The proof of membership in its batch is wrong.") \
	X(RECORD_NOT_ADMITTED, "record.not_admitted", "records", "By a site that is not admitted.") \
	X(RECORD_REVOKED, "record.revoked", "records", "By a site that was blocked.") \
	X(RECORD_OLD_EPOCH, "record.old_epoch", "records", "From a generation of its origin's log that is over.") \
	X(RECORD_NEW_EPOCH, "record.new_epoch", "records", "Of one more generation of its origin's log, after four within a day.") \
	X(RECORD_OLD_BOOT, "record.old_boot", "records", "Live news from before its origin's last start.") \
	X(RECORD_FROZEN, "record.frozen", "records", "Of a lane that its origin contradicted itself in.") \
	X(RECORD_QUOTA, "record.quota", "records", "Beyond what one origin may keep alive.") \
	X(RECORD_HOPS, "record.hops", "records", "Copies that came farther than they may.") \
	X(RECORD_TRAIL, "record.trail", "records", "Copies that went in a circle.") \
	X(RECORD_GAP_OVERFLOW, "record.gap_overflow", "records", "Would open one gap too many; not stored.") \
	X(RECORD_VOID_DELETED, "record.void_deleted", "records", "Declared void by their origin afterwards.") \
	X(RECORD_LATE, "record.late", "records", "History, not news.") \
	X(SHED_NEIGHBOUR, "shed.neighbour", "datagrams", "One neighbour sent more than its share.") \
	X(SHED_ORIGIN, "shed.origin", "records", "One origin sent more live news than its share; repair brings them.") \
	X(SHED_VERIFY, "shed.verify", "records", "No time to check their signature; repair brings them.") \
	X(SHED_SESSION, "shed.session", "sessions", "No slot for another session: their sites reach us through others.") \
	X(SHED_QUEUE_FULL, "shed.queue_full", "frames", "Dropped from a full queue, the oldest of the lowest class.") \
	X(SHED_QUEUE_AGE, "shed.queue_age", "frames", "Waited too long to be news; repair brings them.") \
	X(SHED_STORE_BUSY, "shed.store_busy", "records", "The store had no room for them; repair brings them.") \
	X(TX_SENT, "tx.sent", "datagrams", "Datagrams handed out.") \
	X(TX_RETRY, "tx.retry", "datagrams", "Sent again because no ACK came.") \
	X(TX_GAVE_UP, "tx.gave_up", "datagrams", "Never acknowledged; left to repair.") \
	X(TX_ERROR, "tx.error", "datagrams", "The system refused to send them.") \
	X(TX_TOO_LARGE, "tx.too_large", "records", "Longer than a message may be, or than that neighbour can read.") \
	X(FRAG_TIMEOUT, "frag.timeout", "messages", "Begun in pieces and never finished; repair brings them.") \
	X(FRAG_CONFLICT, "frag.conflict", "messages", "Pieces that contradict each other; all of it is dropped.") \
	X(FRAG_CAP, "frag.cap", "pieces", "Of a message there was no room for; a neighbour may have so many under way.") \
	X(SYNC_EXCHANGE, "sync.exchange", "times", "Compared with a neighbour what each holds.") \
	X(SYNC_SETTLED, "sync.settled", "times", "Compared, and there was nothing for us to pull.") \
	X(SYNC_PULL, "sync.pull", "requests", "Asked a neighbour for a range of a log.") \
	X(SYNC_TIMEOUT, "sync.timeout", "requests", "Asked, and nothing came in time.") \
	X(SYNC_NONE, "sync.none", "answers", "A neighbour does not have, or not now, what it was asked for.") \
	X(SYNC_GIVEN_UP, "sync.given_up", "ranges", "Records that no neighbour has any more.") \
	X(SYNC_CHECKPOINT_OK, "sync.checkpoint_ok", "times", "A lane had the count and sum that its origin says.") \
	X(SYNC_CHECKPOINT_BAD, "sync.checkpoint_bad", "times", "A lane had not: it is compared with neighbours.") \
	X(SYNC_SKETCH, "sync.sketch", "requests", "Asked a neighbour for a sketch of a lane.") \
	X(SYNC_REFETCH, "sync.refetch", "lanes", "Asked for all of a lane again: comparing it did not help.") \
	X(ROUTE_DETOUR, "route.detour", "records", "For one site: the next hop did not answer, another got them.") \
	X(ROUTE_FLOODED, "route.flooded", "records", "For one site: no way was known or answered, all got them.") \
	X(ROUTE_LOST, "route.lost", "records", "For one site: nobody else was left to hand them to.") \
	X(ASK_STRAY, "ask.stray", "records", "Answers to no open question, or the second of one site.") \
	X(ASK_SHED, "ask.shed", "records", "Questions beyond what is answered per second.") \
	X(ASK_REFUSED, "ask.refused", "records", "Questions and commands that nobody here answers; the asker is told.") \
	X(ASK_UNREAD, "ask.unread", "records", "Questions and answers that nobody took out in time.") \
	X(PEER_SUSPECT_SENT, "peer.suspect_sent", "sites", "Neighbours we called silent.") \
	X(PEER_SUSPECT_IGNORED, "peer.suspect_ignored", "sites", "Suspicions by somebody who is no witness.") \
	X(PEER_REFUTED, "peer.refuted", "sites", "Suspicions that the suspect answered.") \
	X(PEER_DEAD, "peer.dead", "sites", "Sites declared dead.") \
	X(PEER_HINT, "peer.hint", "reports", "That nobody is where a neighbour was: it is asked at once.") \
	X(PEER_HINT_IGNORED, "peer.hint_ignored", "reports", "The same, of no neighbour, or of one that was just asked.") \
	X(PEER_ADDRESS_IGNORED, "peer.address_ignored", "addresses", "Told by a neighbour, and not called: known, called lately, or more than its share.") \
	X(PEER_ISOLATED, "peer.isolated", "times", "Most of our links fell silent at once: it is us.") \
	X(PEER_CLONE, "peer.clone", "datagrams", "Somebody runs with our own key.") \
	X(PEER_FORK, "peer.fork", "records", "An origin said two things under one number.") \
	X(OWN_VOID, "own.void", "numbers", "Numbers of ours that will never be used.") \
	X(OWN_FORMER, "own.former", "lives", "A later life of ours was known to others; we took a boot above its.") \
	X(OWN_RECOVERED, "own.recovered", "records", "Records of ours that we got back from others.") \
	X(OWN_EPOCH_NEW, "own.epoch_new", "times", "A new generation of our own log was begun.") \
	X(TRUST_FULL, "trust.full", "records", "Statements about who belongs that find no room.") \
	X(TRUST_IGNORED, "trust.ignored", "records", "Statements about who belongs by a site that may not make them.") \
	X(TRUST_CERT_IN, "trust.cert_in", "sites", "Certificates that let a site in, or let it in for longer.") \
	X(TRUST_CERT_REFUSED, "trust.cert_refused", "certificates", "Certificates by another authority, for another site or network, or not for now.") \
	X(TRUST_CERT_AWAITED, "trust.cert_awaited", "datagrams", "Datagrams of a site that owes its certificate; it sends them again.") \
	X(TRUST_GUEST_IN, "trust.guest_in", "sites", "Sites that we let in by an invitation.") \
	X(TRUST_GUEST_REFUSED, "trust.guest_refused", "sites", "Answers to guests whose invitation does not hold.") \
	X(STORE_READONLY, "store.readonly", "records", "Could not be stored: disk full or read-only.")
/* clang-format on */

enum mesh_counter { MESH_COUNTERS(COUNTER_ENUM) COUNT_MESH };
#endif
