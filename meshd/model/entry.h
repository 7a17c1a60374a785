/* entry.h - an entry of the hash registry: what one site says about one hash.
 *
 * A PUT of the registry lane carries it; the hash is its key.  Each site has its own
 * entry of a hash, and only it can change or remove that one; what all say of a hash is
 * a list in one order that every site finds the same (entry_before).  Embeddings are
 * plain rows of numbers: cosine is what they are compared by.  Floor 5.  Pure.
 * Source: PROTOCOL.md 2. */
#ifndef MODEL_ENTRY_H
#define MODEL_ENTRY_H
#include "arena.h"
#include "meshproto.h"
#include "sites.h"
#include "state.h"

enum {
	ENTRY_HASH_MAX = 64,
	ENTRY_TYPE_MAX = 32,
	ENTRY_DIM_MAX = 4096,
	ENTRY_META_BYTES = 4096, /* encoded */
	ENTRY_META_ITEMS = 64,
	ENTRY_META_DEPTH = 6 /* objects and lists in each other; a record holds 8 */
};
enum entry_dtype { ENTRY_PLAIN, ENTRY_F32, ENTRY_F16, ENTRY_I8 };
extern const char *const entry_dtype_words[];             /* none f32 f16 i8 */
bool entry_dtype_of(struct text_view word, uint8_t *out); /* false: no such word */
bool entry_type_is_sound(struct text_view type); /* a word that filters can name */
size_t entry_width(uint8_t dtype); /* bytes of one number; 0: no such dtype, or none */

enum {
	ENTRY_PUT_HASH,
	ENTRY_PUT_TYPE,
	ENTRY_PUT_DTYPE,
	ENTRY_PUT_DIM,
	ENTRY_PUT_EMBEDDING,
	ENTRY_PUT_SCALE,
	ENTRY_PUT_METADATA,
	ENTRY_PUT_EXPIRES
};
struct entry_put { /* body of LANE_REGISTRY RECORD_PUT */
	uint64_t has;
	struct bytes_view hash;
	struct text_view type;
	uint8_t dtype; /* enum entry_dtype */
	uint16_t dim;
	struct bytes_view
	    embedding; /* dim numbers: IEEE little-endian, or signed bytes */
	float scale;   /* i8: a number is its byte times that; absent: 1 */
	struct tree_view metadata;
	unix_ms expires_ms; /* hidden from then on; its origin removes it */
};
extern const struct field_table entry_put_table;

/* Metadata by itself: what counts against ENTRY_META_BYTES. */
struct entry_meta {
	struct tree_view metadata;
};
extern const struct field_table entry_meta_table;

/* What the table does not say: dimension and bytes agree, numbers are finite, metadata
 * is no larger than it may be.  NULL: sound; else why not, for people. */
const char *entry_fault(const struct entry_put *put);
/* Does metadata go deeper than ENTRY_META_DEPTH?  `path` leads to where: "a.b.0". */
bool entry_is_too_deep(struct tree_view metadata, struct bytes_out *path);
/* The embedding's numbers alone: 0 or -1 and where the first is that is not finite. */
int entry_finite(uint8_t dtype, struct bytes_view embedding, size_t *at);

enum {
	ENTRY_HASH,
	ENTRY_TYPE,
	ENTRY_SITE,
	ENTRY_DTYPE,
	ENTRY_DIM,
	ENTRY_METADATA,
	ENTRY_VERSION,
	ENTRY_TIME,
	ENTRY_EXPIRES,
	ENTRY_EMBEDDING,
	ENTRY_SCALE,
	ENTRY_TOLD_BY
};
struct entry { /* `meshd.registry/1` */
	uint64_t has;
	struct bytes_view hash;
	struct text_view type, site;
	uint8_t dtype;
	uint16_t dim;
	struct tree_view metadata;
	struct state_version version;
	unix_ms time_ms, expires_ms;
	struct bytes_view embedding; /* only where it was asked for */
	float scale;
	struct text_view told_by; /* `registry get` of what is not kept here */
};
extern const struct field_table entry_table;
/* The view of one PUT, which it borrows from, without its embedding.  MESH_MALFORMED:
 * entry_fault.  MESH_FULL: `into` is. */
MESH_MUST_CHECK enum mesh_err entry_view(const struct mesh_position *at,
    unix_ms time_ms, const struct entry_put *put, const struct sites *names,
    struct arena *into, struct entry *out);
/* And with it. */
void entry_show_embedding(struct entry *e, const struct entry_put *put);

/* By what the entries of one hash are ordered, best first: confidence (a number of that
 * name in the metadata, else 0), then the later time_ms, then the lower oid. */
struct entry_rank {
	double confidence;
	unix_ms time_ms;
	uint8_t oid[8];
};
struct entry_rank entry_rank(
    const struct mesh_position *at, unix_ms time_ms, const struct entry_put *put);
bool entry_before(const struct entry_rank *a, const struct entry_rank *b);
#endif
