/* views.h - what readers see: folded from the logs, disposable.
 *
 * A view row is an index entry (key, time); what it shows is folded by the model from
 * the records that bear its key as `subject`, when somebody reads it.  So there is one
 * copy of every fact, and any order of arrival gives the same page.  Only what would
 * need too many records is kept folded: who heard a node (`hearing`).  The writer keeps
 * the rows in the record's own transaction; a view whose version here differs from the
 * file's is dropped and folded again at start.  Floor 6. */
#ifndef VIEWS_H
#define VIEWS_H
#include "replica.h"
#include "view.h"

MESH_MUST_CHECK enum mesh_err views_init(
    struct views *v, struct statements *s, struct faults *faults);
void views_release(struct views *v);
/* Create what is missing, read the counts; fold again what is of another version. */
void views_open(struct views *v);
void views_rebuild(struct views *v); /* one transaction of its own */

/* Decode `r` once.  The subject under which its row can be found again: empty for none.
 * Valid until the next views_look. */
struct bytes_view views_look(struct views *v, const struct mesh_record *r);
/* The embedding of that record, put where those of all are: its ref, to be freed when
 * the record goes, and where it lies in the body.  0: it has none. */
int64_t views_embedding(struct views *v, struct bytes_view *out);
/* Where it lies, without putting it anywhere.  False: it has none. */
bool views_embedding_place(const struct views *v, struct bytes_view *out);
/* How much of that record is kept, if it is an entry; what is none counts as one of a
 * type that nobody lists. */
enum replica_part views_part_kept(const struct views *v, const struct replica *r);
void views_fold(
    struct views *v, const struct mesh_record *r, int64_t row); /* looked at */
/* `r` is no longer in the log: its row is gone already. */
void views_unfold(struct views *v, const struct mesh_record *r, int64_t row);
/* A row of `record` is deleted, whatever it was: so goes what bears its number. */
void views_gone(struct views *v, int64_t row);
void views_flush(struct views *v);  /* before COMMIT */
void views_commit(struct views *v); /* after it */
void views_forget(struct views *v); /* after ROLLBACK */
#endif
