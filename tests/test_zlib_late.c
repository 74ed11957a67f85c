/* test_zlib_late: zlib is there from the first call on, not before; and its absence is told. */
#include "loaded.h"

/* A second set of stand-ins, for a library that is nowhere: other names, else the same source. */
#define ZLIB_LIBRARY "libsynstep-has-no-such-library.so.1"
#define inflate absent_inflate
#define inflateEnd absent_inflate_end
#define inflateInit2_ absent_inflate_init
#define inflateReset absent_inflate_reset
#include "../src/wire/zlib_late.c"
#undef inflateEnd
#undef inflateInit2_
int inflateInit2_(z_streamp stream, int bits, const char *version, int size);
int inflateEnd(z_streamp stream);

START_TEST(test_zlib_late_first_call_loads_it)
{
    z_stream stream = {0};
    ck_assert(!library_is_loaded("/libz."));
    ck_assert_int_eq(inflateInit2_(&stream, MAX_WBITS, ZLIB_VERSION, (int)sizeof stream), Z_OK);
    ck_assert(library_is_loaded("/libz."));
    ck_assert_int_eq(inflateEnd(&stream), Z_OK);
}
END_TEST

START_TEST(test_zlib_late_absent_library_is_told)
{
    z_stream stream = {0};
    ck_assert_int_eq(absent_inflate_init(&stream, MAX_WBITS, ZLIB_VERSION, (int)sizeof stream),
                     Z_VERSION_ERROR);
}
END_TEST

static Suite *zlib_late_suite(void)
{
    Suite *suite = suite_create("zlib_late");
    TCase *tcase = tcase_create("late");
    tcase_add_test(tcase, test_zlib_late_first_call_loads_it);
    tcase_add_test(tcase, test_zlib_late_absent_library_is_told);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(zlib_late_suite());
}
