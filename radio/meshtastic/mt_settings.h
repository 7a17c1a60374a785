/* mt_settings.h - what a Meshtastic radio is set to, section by section.
 *
 * A section is what one message sets: the owner, a Config, a ModuleConfig, a channel.
 * The radio told all of them in its handshake, and mt_cache keeps them as they came;
 * here they become trees under their official names.  Two texts are told on request
 * alone: the canned messages and the ringtone.  A fixed position is what the radio says
 * of its place while section `position` says that it is fixed: a radio that is told one
 * tells its mesh at once.  Secrets (keys, passwords, PINs)
 * are null unless they are asked for: null means "there is one, and it stays".  A
 * channel's key of one byte is one of those that everybody knows, and no secret.
 * Source: Meshtastic's admin messages.  Floor 3.  Pure. */
#ifndef RADIO_MT_SETTINGS_H
#define RADIO_MT_SETTINGS_H
#include "mt_cache.h"
#include "mt_codec.h"

enum { MT_CHANNELS = 8 };
struct mt_section {
	const char *name, *group;
	const struct protobuf_table *table; /* of what stands in it */
	uint32_t kind, key; /* where the cache has it; the owner's key is the node */
	uint32_t member;    /* of that message; 0: it is the message */
	uint32_t set;       /* the AdminMessage that sets it */
	uint32_t get, of;   /* the one that asks for it, and with which number */
	bool asked;         /* a text of its own: in the cache as what sets it */
	bool placed;        /* a fixed position: there if section `position` says so */
	uint32_t remove;    /* the AdminMessage that takes it away; 0: `set`, empty */
};
extern const struct protobuf_table mt_canned_messages, mt_ringtone;
bool mt_section_at(size_t index, uint32_t node, struct mt_section *out);
bool mt_section_named(
    struct text_view name, uint32_t node, struct mt_section *out, size_t *index);
/* May that member be set?  What a radio says of itself may not: a node's id, a
 * channel's index. */
bool mt_section_sets(const struct mt_section *s, uint32_t number);
/* What can be set of it, as the radio told it; ptr NULL: it did not, or no room. */
struct bytes_view mt_section_raw(
    const struct mt_section *s, const struct mt_cache *cache, struct arena *into);
/* The same decoded, empty if it holds nothing but defaults.  False: it was not told, is
 * damaged, or there is no room. */
bool mt_section_tree(const struct mt_section *s, struct bytes_view raw,
    struct arena *into, struct tree_view *out);

bool mt_settings_is_secret(
    const struct protobuf_table *t, const struct protobuf_field *row);
/* The tree with null for every secret in it. */
struct tree_view mt_settings_redact(
    const struct mt_section *s, struct tree_view tree, struct arena *into);
const struct protobuf_field *mt_settings_row(
    const struct protobuf_table *t, struct text_view name);
/* A walk over such a tree that writes another one: which table each level has. */
struct mt_nest {
	const struct protobuf_table *tables[TREE_DEPTH + 1];
	const struct protobuf_field *lists[TREE_DEPTH + 1]; /* NULL: a message */
	size_t ends[TREE_DEPTH + 1], depth;
};
struct mt_nest mt_nest(const struct protobuf_table *t, struct tree_view tree);
/* Shut what ends before item `at`. */
void mt_nest_leave(struct mt_nest *n, size_t at, struct tree_out *out);
/* Open what begins with item `at`, a map or a list.  False: too deep. */
bool mt_nest_enter(struct mt_nest *n, const struct protobuf_field *row,
    const struct tree_item *item, size_t at, struct tree_out *out);

/* One section as radio_ops gives it; false past the end. */
bool mt_settings_get(const struct mt_cache *cache, uint32_t node, size_t index,
    bool secrets, struct arena *into, struct radio_setting *out);
#endif
