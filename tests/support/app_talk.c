#include "app_talk.h"
#include "check_mesh.h"
#include "fake_world.h"
#include "json_in.h"
#include "text.h"

struct app_leases *apps;
mesh_time_ms now;
char said[2048];

void
talk_start(void)
{
	app_leases_free(apps);
	fake_start();
	apps = app_leases_new(fake.feed, 7);
	now = 5000;
}

struct app_addr
addr(uint8_t n)
{
	return (struct app_addr){ .bytes = { n }, .len = 1 };
}

struct tree_view
tree_of(const char *json)
{
	static uint8_t block[64 * 1024];
	struct arena arena = arena_init(block, sizeof block);
	struct tree_view tree;
	struct json_error why;
	ck_assert_msg(
	    json_in_tree(text(json), &arena, &tree, &why) == MESH_OK, "%s", json);
	return tree;
}

const char *
ask(uint8_t n, const char *request)
{
	struct bytes_out reply = bytes_out(said, sizeof said);
	struct app_addr from = addr(n);
	app_leases_request(
	    apps, &from, bytes_view(request, strlen(request)), now, &reply);
	return text_end(&reply);
}

int64_t
number(const char *member)
{
	int64_t n = -1;
	tree_i64(tree_of(said), member, &n);
	return n;
}

int64_t
next_for(uint8_t n)
{
	struct app_addr to;
	struct bytes_out out = bytes_out(said, sizeof said);
	if (!app_leases_next(apps, now, &to, &out))
		return 0;
	text_end(&out);
	ck_assert_uint_eq(to.bytes[0], n);
	ck_assert_uint_le(out.len, APP_DATAGRAM);
	ck_assert_int_eq(number("v"), 1);
	return number("seq");
}
