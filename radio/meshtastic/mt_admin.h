/* mt_admin.h - one conversation with the radio about itself: what is told or asked, in
 * order, each when the one before was answered.
 *
 * Messages to the radio's own node number are done in the radio and never reach its
 * antenna.  Each is acknowledged, and nothing else tells that it was taken.  One
 * conversation at a time; it ends once, well or not: with the first refusal, the first
 * silence, or the link.  Settings are changed between "begin" and "commit" of an edit,
 * so that the radio saves all of them or, if it dies amid, none; after the commit it
 * starts anew.  An edit that fails is open at the radio until it starts anew: it is
 * told to, at once or when the link is back.  Source: Meshtastic's admin messages.
 * Floor 3.  Pure. */
#ifndef RADIO_MT_ADMIN_H
#define RADIO_MT_ADMIN_H
#include "mt_codec.h"

enum {
	MT_ADMIN_BYTES = 8192, /* all that a radio can be told: some 3 KiB */
	MT_ADMIN_MESSAGE = 200,
	MT_ADMIN_TEXT = 233, /* all that a packet carries: the text is the message */
	MT_ADMIN_ANSWER_MS =
	    8000, /* a slow serial line, a radio that writes its flash */
	MT_ADMIN_REREAD_MS = 30000 /* it did not start anew: what does it say now? */
};
enum mt_admin_kind {
	MT_ADMIN_NONE,
	MT_ADMIN_APPLY, /* settings: inside one edit */
	MT_ADMIN_TELL,  /* a question: its answer counts */
	MT_ADMIN_SAY,   /* anything else that is taken at once */
	MT_ADMIN_FORGET /* "start anew", after an edit that failed; has no outcome */
};
struct mt_admin { /* zero: idle */
	enum mt_admin_kind kind;
	uint64_t order;
	bool question;       /* that one is */
	size_t len, at;      /* of `block`: messages behind their lengths */
	uint32_t packet;     /* that waits for its answer; 0: none */
	mesh_time_ms due_ms; /* send the next, or give up waiting */
	bool ended;          /* not fetched yet */
	bool left;           /* an edit was open when the link was lost */
	enum radio_sent sent;
	uint16_t reason;
	mesh_time_ms reread_ms; /* 0: no */
	uint8_t block[MT_ADMIN_BYTES];
};
struct mt_admin_outcome {
	uint64_t order;
	enum radio_sent sent;
	uint16_t reason;
	bool question;
};

/* One AdminMessage behind its length, as mt_admin_begin takes them. */
void mt_admin_put(struct bytes_out *orders, struct bytes_view message);
/* MESH_FULL: it is busy; MESH_TRUNCATED: they
 * do not fit; MESH_MALFORMED: there are none. */
MESH_MUST_CHECK enum mesh_err mt_admin_begin(struct mt_admin *a,
    enum mt_admin_kind kind, uint64_t order, struct bytes_view messages,
    mesh_time_ms now);
bool mt_admin_is_due(const struct mt_admin *a, mesh_time_ms now);
/* The message that is due, sent under `id` from here on; false: none is. */
bool mt_admin_next(
    struct mt_admin *a, uint32_t id, mesh_time_ms now, struct bytes_view *message);
/* Is that packet an answer of `me`, the radio, to it?  `told`: an AdminMessage. */
bool mt_admin_hear(struct mt_admin *a, const struct mt_packet *p, uint32_t me,
    mesh_time_ms now, struct bytes_view *told);
void mt_admin_tick(struct mt_admin *a, mesh_time_ms now);
void mt_admin_lost(struct mt_admin *a); /* the link, or the radio started anew */
/* The radio has told all of itself; `anew`: it has started since the link before. */
void mt_admin_back(struct mt_admin *a, bool anew, mesh_time_ms now);
/* How it ended, once. */
bool mt_admin_outcome(struct mt_admin *a, struct mt_admin_outcome *out);
/* It is time to ask the radio for everything again. */
bool mt_admin_rereads(struct mt_admin *a, mesh_time_ms now);
mesh_time_ms mt_admin_deadline(const struct mt_admin *a);
#endif
