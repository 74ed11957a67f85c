/* test_pcap_late: libpcap is there from the first call on, not before; and its absence is told. */
#include <string.h>

#include "loaded.h"

/* A second set of stand-ins, for a library that is nowhere: other names, else the same source. */
#define PCAP_LIBRARY "libsynstep-has-no-such-library.so.1"
#define pcap_close absent_close
#define pcap_compile absent_compile
#define pcap_dump absent_dump
#define pcap_dump_close absent_dump_close
#define pcap_dump_file absent_dump_file
#define pcap_dump_flush absent_dump_flush
#define pcap_dump_fopen absent_dump_fopen
#define pcap_freecode absent_freecode
#define pcap_geterr absent_geterr
#define pcap_lib_version absent_lib_version
#define pcap_open_dead absent_open_dead
#include "../src/wire/pcap_late.c"
#undef pcap_lib_version
const char *pcap_lib_version(void);

START_TEST(test_pcap_late_first_call_loads_it)
{
    ck_assert(!library_is_loaded("libpcap"));
    ck_assert_ptr_nonnull(strstr(pcap_lib_version(), "libpcap version"));
    ck_assert(library_is_loaded("libpcap"));
}
END_TEST

START_TEST(test_pcap_late_absent_library_is_told)
{
    ck_assert_ptr_null(absent_open_dead(DLT_RAW, 100));
    ck_assert_ptr_nonnull(strstr(absent_lib_version(), "no lib"));
}
END_TEST

static Suite *pcap_late_suite(void)
{
    Suite *suite = suite_create("pcap_late");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, test_pcap_late_first_call_loads_it);
    tcase_add_test(tcase, test_pcap_late_absent_library_is_told);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(pcap_late_suite());
}
