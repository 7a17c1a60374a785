#include "lending.h"
#include "text.h"

enum { UNTIL_BYTES = 8 };
static const char room[] = "lent";

bool
lending_keep(struct store *s, struct text_view radio, unix_ms until)
{
	uint8_t block[UNTIL_BYTES];
	struct bytes_out body = bytes_out(block, sizeof block);
	bytes_put_u64(&body, (uint64_t)until);
	return store_keep(s, text(room), bytes_view(radio.ptr, radio.len),
		   bytes_written(&body), SYNC_GROUP,
		   STORE_TOKEN(OWNER_AIR, 0)) == MESH_OK; /* nobody waits */
}

uint32_t
lending_left(struct store *s, struct text_view radio, struct mesh_now now)
{
	uint8_t block[UNTIL_BYTES];
	struct bytes_out kept = bytes_out(block, sizeof block);
	if (store_kept(s, text(room), bytes_view(radio.ptr, radio.len), &kept) !=
	    MESH_OK)
		return 0;
	struct bytes_in in = bytes_in(bytes_written(&kept));
	unix_ms until = (unix_ms)bytes_u64(&in);
	bool lent = !in.failed && now.unix_ms < until &&
	    now.unix_ms >= until - LENDING_MOST_MS;
	return lent ? (uint32_t)(until - now.unix_ms) : 0;
}
