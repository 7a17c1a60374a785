/* How much of an entry is kept, by its type: PROTOCOL.md 9. */
#include "check_mesh.h"
#include "replica.h"

START_TEST(types_are_words_between_commas)
{
	static const struct {
		const char *types, *type;
		bool kept;
	} row[] = {
		{ "", "face", true },
		{ "", "", true },
		{ "face", "face", true },
		{ "face", "fac", false },
		{ "face", "faces", false },
		{ "face", "", false },
		{ "plate,face", "face", true },
		{ " plate , face ", "plate", true },
		{ "two words,face", "two words", true },
		{ ",", "", false },
		{ ",,face", "face", true },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct replica r = replica_of(REPLICA_INDEX, text(row[i].types));
		ck_assert_msg(replica_of_type(&r, text(row[i].type)) ==
			(row[i].kept ? REPLICA_INDEX : REPLICA_KEY),
		    "'%s' of '%s'", row[i].type, row[i].types);
	}
}
START_TEST(only_all_of_everything_is_not_partial)
{
	static const struct {
		enum replica_part most;
		const char *types;
		bool partial;
	} row[] = {
		{ REPLICA_WHOLE, "", false },
		{ REPLICA_WHOLE, "face", true },
		{ REPLICA_INDEX, "", true },
		{ REPLICA_NOTHING, "", true },
	};
	for (size_t i = 0; i < LENGTH(row); i++) {
		struct replica r = replica_of(row[i].most, text(row[i].types));
		ck_assert_int_eq(replica_is_partial(&r), row[i].partial);
	}
}
START_TEST(of_nothing_no_type_is_an_exception_and_a_list_that_is_too_long_is_cut)
{
	char longer[REPLICA_TYPES + 9];
	memset(longer, 'x', sizeof longer);
	struct replica nothing = replica_of(REPLICA_NOTHING, text("face"));
	struct replica cut = replica_of(
	    REPLICA_WHOLE, (struct text_view){ longer, sizeof longer });
	ck_assert_int_eq(replica_of_type(&nothing, text("face")), REPLICA_NOTHING);
	ck_assert_int_eq(replica_of_type(&nothing, text("cat")), REPLICA_NOTHING);
	ck_assert_uint_eq(cut.types_len, REPLICA_TYPES);
}
CHECK_MODULE(replica, NULL, types_are_words_between_commas,
    only_all_of_everything_is_not_partial,
    of_nothing_no_type_is_an_exception_and_a_list_that_is_too_long_is_cut)
