/* types.h - the words every room shares: views, times, keys, ids.  Floor 0. */
#ifndef MESH_TYPES_H
#define MESH_TYPES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LENGTH(a)       (sizeof(a) / sizeof((a)[0]))
#define MESH_MUST_CHECK __attribute__((warn_unused_result))

typedef uint64_t mesh_time_ms; /* monotonic, this process; never shown or stored */
typedef int64_t unix_ms;       /* wall clock; shown and stored, decides nothing */

#define MESH_NEVER UINT64_MAX /* a deadline that does not come */

struct mesh_now { /* both clocks, read once per turn of the loop, passed down */
	mesh_time_ms ms;
	unix_ms unix_ms;
	uint16_t us; /* of `ms`, 0..999: for measuring, decides nothing */
};

struct bytes_view { /* borrowed bytes */
	const uint8_t *ptr;
	size_t len;
};
struct text_view { /* borrowed valid UTF-8, no terminator */
	const char *ptr;
	size_t len;
};
struct list_view { /* borrowed array of structs that share one field table */
	const void *items;
	size_t count;
};
struct tree_view { /* borrowed extensible value: tree.h */
	const struct tree_item *items;
	size_t count;
};
struct mesh_key { /* a site: its Ed25519 public key */
	uint8_t bytes[32];
};
struct id {           /* whatever an operator can name; text form in id.h */
	uint8_t kind; /* enum id_kind: site, node, packet, hash, alert ... */
	uint8_t len;
	uint8_t bytes[32];
};

/* One table: the enum here, texts in err.c, the list in docs/COUNTERS.md. */
#define MESH_ERRORS(X)                                                                 \
	X(OK, 0, "success")                                                            \
	X(TRUNCATED, -1, "input ends inside a field")                                  \
	X(MALFORMED, -2, "wrong type, length or range")                                \
	X(FULL, -3, "no room; try later")                                              \
	X(DENIED, -4, "not allowed")                                                   \
	X(NOT_FOUND, -5, "nothing by that name")                                       \
	X(IO, -6, "the disk or the system refused")                                    \
	X(QUOTA, -7, "as many as one site may keep")
#define MESH_ERROR_ENUM(name, number, text) MESH_##name = (number),
enum mesh_err { MESH_ERRORS(MESH_ERROR_ENUM) };
#undef MESH_ERROR_ENUM

enum audience { AUDIENCE_PUBLIC, AUDIENCE_VIEWER, AUDIENCE_OPERATOR };
struct bytes_out; /* bytes.h: bounded writer with a sticky error */
struct arena;     /* arena.h: bump storage in one caller's block */
#endif
