/* searching.h - a search over sites under way: what is kept of it, and its parts.
 *
 * ops_search.c asks and waits; searching_words.c reads what is wanted,
 * searching_whom.c says who is asked, searching_shown.c tells and writes what was
 * found, searching_rest.c fetches metadata that came cut, searching_numbers.c
 * embeddings, searching_pages.c knows how a list goes on.  Floor 8. */
#ifndef SEARCHING_H
#define SEARCHING_H
#include "call_inside.h"
#include "merging.h"

enum {
	SEARCHING_ROUND_MS = 50, /* with less left it is no use to ask again */
	SEARCHING_QUESTION = 20 * 1024,
	SEARCHING_META = ENTRY_META_BYTES + 8
};
struct searching_short { /* a site that has not told all it has */
	struct mesh_key site;
	bool for_good; /* it has not looked at all, or lost the rest of a hit */
};
struct searching_rest { /* the metadata of the hit that is written now */
	size_t of;      /* which hit, from 1; 0: none yet */
	bool lost;
	size_t len;
	uint8_t bytes[SEARCHING_META];
};
struct searching_numbers { /* the embedding of the entry that is written now */
	size_t of;         /* which hit, from 1; 0: none yet */
	bool lost;
	size_t len, all;      /* bytes that came; of so many */
	struct seek_said as;  /* version, dtype, dim; scale when some came */
	struct mesh_key from; /* who told of the first part */
	uint8_t bytes[4 * ENTRY_DIM_MAX];
};
struct searching {  /* in the call's arena: call.answers */
	bool one;   /* `registry get`: all that is said of one hash */
	bool pages; /* `registry list --everywhere`: it goes on */
	struct seek seek;
	struct merging merging;
	struct store_page *page; /* owned: our own hits */
	mesh_time_ms began_ms, ends_ms;
	bool local_done, local_partial, asked_again;
	bool all_asked, round_done; /* the first round and the last one are over */
	bool half_over, settled;    /* half of the time; of this round's */
	uint32_t wanted;          /* asked_again: so many of those have not answered */
	uint32_t known, answered; /* sites; at its end this one among them */
	size_t heard_count, heard_more; /* the latter: for which there was no room */
	struct mesh_key heard[MERGING_SITES]; /* that answered at all */
	size_t short_count, short_more; /* the latter: for which there was no room */
	struct searching_short shorts[MERGING_SITES];
	size_t looked_up; /* of the merged hits */
	bool writing;
	struct searching_rest rest;
	struct searching_numbers numbers;
	struct merging_place asked; /* behind which the last round goes on */
	bool owes; /* somebody who was asked again has not answered, behind: */
	struct merging_place owed;
	struct text_view next;   /* `pages`: a page that is not full ends there */
	struct store_page *held; /* owned: what is written now, of our own index */
	uint64_t hearsay;        /* what programs are asked here; 0: nothing */
};
static inline struct searching *
searching_of(const struct call *c)
{
	return c->answers;
}
void searching_short(struct searching *s, const struct mesh_key *site, bool for_good);
/* How long the next of several questions may take: half of what is left, so that one
 * who is silent leaves time for the others; for the last hit all of it. */
uint32_t searching_share_ms(const struct call *c);

/* Each: false when the call has failed and says why. */
bool searching_words_budget(struct call *c, struct searching *s);
/* Of a list: how many at most. */
bool searching_words_top(struct call *c, uint32_t *top);
/* The question: by `like`, else a list. */
bool searching_words_seek(struct call *c, struct seek *k);

/* A page of a list: how many, and behind what.  False: the call has failed. */
bool searching_pages_words(struct call *c, struct seek *k);
/* Before a round is asked: where the last one stays unanswered. */
void searching_pages_owe(struct searching *s);
/* The page ends where somebody's entries are not known any more.  `after`: where those
 * stand that were not asked again; NULL: there are none. */
void searching_pages_cut(struct call *c, const struct merging_place *after);
/* What the list goes on with; empty: it does not.  Lent for the call. */
struct text_view searching_pages_next(struct call *c);

/* Is something of what is searched not here, or still on its way? */
bool searching_lacks(const struct call *c);
/* The same, or the embeddings that it needs. */
bool searching_others_hold_more(const struct call *c);
/* It has answered in this search: it can be asked alone. */
bool searching_heard(const struct call *c, const struct mesh_key *site);
uint32_t searching_alive(const struct call *c);         /* so many others are reached */
uint32_t searching_answered(const struct searching *s); /* so many told all they have */
/* Fail: nobody who was asked knows the one hash. */
void searching_nothing(struct call *c);
/* "complete" and "took_ms"; `answered` have told all they have. */
void searching_complete(struct call *c, uint32_t answered, struct json_out *j);

/* To whoever watches: what one site found, before the others have answered. */
void searching_shown_tell(struct call *c, const struct mesh_key *site,
    const struct seek_hit *hits, size_t count);
/* Write the merged hits and end the call, now or when what they say has come. */
void searching_shown_begin(struct call *c);
/* Is something of what would be shown still to be asked for? */
bool searching_shown_fetches(const struct call *c);
/* An outcome of the store meanwhile. */
void searching_shown_found(struct call *c, const struct store_outcome *o);

enum search_rest { REST_HERE, REST_ASKED, REST_LOST, REST_NONE };
/* The metadata of `m`, whole: in `rest`, or asked of the site that told of it, or not
 * to be had; asked, searching_shown_on follows. */
enum search_rest searching_rest(struct call *c, const struct merged *m);
/* The same of its embedding: in `numbers`.  `as`: which version, of what dtype and dim.
 */
enum search_rest searching_numbers(
    struct call *c, const struct merged *m, const struct seek_said *as);
void searching_shown_on(struct call *c);
#endif
