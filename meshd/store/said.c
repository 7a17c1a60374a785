#include "said.h"
#include "bytes.h"
#include "id.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A row: hash of what follows, length of the bundle, run, bundle. */
enum { HASH_BYTES = 32, HEAD_BYTES = HASH_BYTES + 4 + 4 };

void
said_open(struct said *s, const char *path, const struct mesh_key *self)
{
	char name[PATH_MAX];
	*s = (struct said){ .fd = -1 };
	s->has_self = self != NULL;
	if (self != NULL)
		s->self = *self;
	int len = path == NULL || self == NULL
	    ? -1
	    : snprintf(name, sizeof name, "%s-said", path);
	if (len > 0 && (size_t)len < sizeof name)
		s->fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void
said_close(struct said *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static bool
write_at(const struct said *s, const void *bytes, size_t len, size_t at)
{
	return pwrite(s->fd, bytes, len, (off_t)at) == (ssize_t)len;
}

/* --- what a former life has told --- */

static size_t
read_some(struct said *s)
{
	ssize_t n = pread(s->fd, s->room, sizeof s->room, (off_t)s->used);
	return n > 0 ? (size_t)n : 0;
}

/* The bundle of the row that lies in `room`; empty: none, or not all of it. */
static struct bytes_view
bundle_of(const struct said *s, size_t have, uint32_t *run)
{
	struct bytes_in in = bytes_in(bytes_view(s->room, have));
	struct bytes_view hash = bytes_take(&in, HASH_BYTES);
	uint32_t len = bytes_u32(&in);
	*run = bytes_u32(&in);
	struct bytes_view bundle = bytes_take(&in, len);
	uint8_t right[HASH_BYTES];
	if (in.failed || len == 0)
		return bytes_view(NULL, 0);
	mesh_hash(s->room + HASH_BYTES, HEAD_BYTES - HASH_BYTES + len, right);
	bool whole = bytes_equal(hash, bytes_view(right, sizeof right));
	return whole ? bundle : bytes_view(NULL, 0);
}

bool
said_next(struct said *s, struct mesh_record *out)
{
	uint32_t run;
	if (s->fd < 0)
		return false;
	struct bytes_view bundle = bundle_of(s, read_some(s), &run);
	bool next = bundle.len > 0 && (s->run == 0 || run == s->run);
	s->run = run;
	s->used += HEAD_BYTES + bundle.len;
	return next && mesh_record_read(bundle, out) == MESH_OK;
}

/* Written, and no hole: on a full disk a row has its place. */
void
said_begin(struct said *s)
{
	memset(s->room, 0, sizeof s->room);
	for (size_t at = 0; at < SAID_BYTES && s->fd >= 0; at += sizeof s->room)
		if (!write_at(s, s->room, sizeof s->room, at))
			said_close(s);
	s->used = 0;
	s->run = 1;
}

/* --- what is told in this one --- */

static bool
is_ours(const struct said *s, const struct mesh_position *at)
{
	return s->has_self && key_equal(&at->origin, &s->self);
}

void
said_know(struct said *s, const struct mesh_position *at)
{
	if (at->epoch > s->epoch && is_ours(s, at))
		s->epoch = at->epoch;
}

bool
said_is_known(const struct said *s, const struct mesh_position *at)
{
	return s->epoch != 0 && at->epoch == s->epoch && is_ours(s, at);
}

/* Its length; 0: it does not fit. */
static size_t
lay_out(struct said *s, struct bytes_view bundle)
{
	struct bytes_out row = bytes_out(s->room, sizeof s->room);
	(void)bytes_room(&row, HASH_BYTES);
	bytes_put_uint(&row, bundle.len, 4);
	bytes_put_uint(&row, s->run, 4);
	bytes_put_view(&row, bundle);
	if (row.failed || s->used + row.len > SAID_BYTES)
		return 0;
	mesh_hash(s->room + HASH_BYTES, row.len - HASH_BYTES, s->room);
	return row.len;
}

bool
said_put(struct said *s, const struct mesh_record *r, uint64_t token)
{
	if (s->fd < 0 || s->count == SAID_MOST || !said_is_known(s, &r->at))
		return false;
	size_t len = lay_out(s, r->proof);
	if (len == 0 || !write_at(s, s->room, len, s->used))
		return false;
	s->rows[s->count++] = (struct said_row){ token, r->at.seq, r->at.lane, false };
	s->last = s->used;
	s->used += len;
	return true;
}

static void
begin_anew_if_empty(struct said *s)
{
	if (s->count > 0)
		return;
	s->used = 0;
	s->run++;
}

/* A row without its hash is none. */
void
said_take_back(struct said *s)
{
	static const uint8_t none[HASH_BYTES];
	(void)write_at(s, none, sizeof none, s->last);
	s->used = s->last;
	s->count--;
	begin_anew_if_empty(s);
}

void
said_end(struct said *s, uint64_t token)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->rows[i].token != token)
			continue;
		s->rows[i] = s->rows[--s->count];
		begin_anew_if_empty(s);
		return;
	}
}

bool
said_tell(struct said *s, uint64_t *token)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->rows[i].told)
			continue;
		s->rows[i].told = true;
		*token = s->rows[i].token;
		return true;
	}
	return false;
}

static bool
is_in(const struct said_row *row, const struct mesh_position *from, uint64_t count)
{
	return row->lane == from->lane && row->seq >= from->seq &&
	    row->seq - from->seq < count;
}

uint64_t
said_first(const struct said *s, const struct mesh_position *from, uint64_t count)
{
	uint64_t first = UINT64_MAX;
	for (size_t i = 0; i < s->count && said_is_known(s, from); i++)
		if (is_in(&s->rows[i], from, count) && s->rows[i].seq < first)
			first = s->rows[i].seq;
	return first;
}
