/*
 * test_transcript_line: single lines of the scenarios that transcript makes: numbers, fields,
 * options, payloads.
 */
#include "transcript_bench.h"

/* --- numbers ------------------------------------------------------------------------------------
 */

START_TEST(test_transcript_fin_with_data_gets_its_letter_before)
{
    bench_open(&bench);
    say(&bench, A, FIN | PSH | ACK, 1, 1, .text = "hello");
    say(&bench, B, FIN | ACK, 1, 7, );
    say(&bench, A, ACK, 7, 2, );
    expect("let M = J+6\n> FIN,PSH,ACK seq=J+1 ack=K+1 \"hello\"\n", "< FIN,ACK  seq=N ack=M+1\n",
           "> ACK      seq=M+1 ack=N+1\n");
}
END_TEST

START_TEST(test_transcript_fin_out_of_turn_gets_its_letter_before)
{
    bench_open(&bench);
    say(&bench, A, FIN | ACK, 8, 1, );
    say(&bench, A, PSH | ACK, 1, 1, .text = "earlier");
    expect("let M = J+8\n# Frame 4: lost segment\n> FIN,ACK  seq=M ack=K+1\n",
           "> PSH,ACK  seq=J+1 ack=K+1 \"earlier\"\n");
}
END_TEST

/* What was on its way when they spoke may be acknowledged in a replay, and may not. */
START_TEST(test_transcript_ack_of_what_crossed_is_a_range)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = "one");
    say(&bench, A, PSH | ACK, 4, 1, .text = "two");
    say(&bench, B, PSH | ACK, 1, 4, .text = "1");
    say(&bench, A, FIN | ACK, 7, 2, );
    say(&bench, B, PSH | ACK, 2, 7, .text = "2");
    expect("<? ACK     ack=J+4\n<? ACK     ack=J+7\n< PSH,ACK  seq=K+1 ack=J+4..J+7 \"1\"\n",
           "<? ACK     ack=M\n<? ACK     ack=M+1\n< PSH,ACK  seq=K+2 ack=M..M+1 \"2\"\n");
}
END_TEST

/* --- fields, options, payloads ------------------------------------------------------------------
 */

START_TEST(test_transcript_keeps_our_odd_fields)
{
    bench_open(&bench);
    say(&bench, A, PSH | URG | ACK, 1, 1, .text = "!", .urgent = 1, .tos = 3, .reserved = 5);
    say(&bench, A, PSH | ACK, 2, 1, .text = "bad", .damaged = true);
    say(&bench, A, 0, 2, 0, );
    expect("peer set oobinline\n",
           "> PSH,ACK,URG seq=J+1 ack=K+1 urgent=1 reserved=5 tos=3 \"!\"\n",
           "> PSH,ACK  seq=J+2 ack=K+1 corrupt=tcp.checksum \"bad\"\n", "> none     seq=J+2\n");
}
END_TEST

static const struct {
    const char *octets;
    size_t length;
    const char *text;
} options_rows[] = {
    {"\x02\x04\x05\xb4", 4, " mss=1460\n"},
    {"\x02\x03\x05", 3, " opt=2:05\n"},
    {"\x03\x03\xff\x01", 4, " wscale=255 nop\n"},
    {"\x04\x02", 2, " sackok\n"},
    {"\x22\x02", 2, " tfo\n"},
    {"\x22\x06\xca\xfe\xba\xbe", 6, " opt=34:cafebabe\n"},
    {"\xfe\x04\x0a\x0b", 4, " opt=254:0a0b\n"},
    {"\xfe\x02", 2, " opt=254:\n"},
    {"\x01\0\0\0", 4, " nop\n"},
    {"\x01\0\0\0\0\0\0\0", 8, " nop eol eol eol eol\n"},
    {"\0\0\0\0", 4, " eol\n"},
    {"\x05\x0a\0\0\x13\x89\0\0\x13\x92", 10, " sack=K+1..K+10\n"},
    {"\x05\x12\0\0\x13\x89\0\0\x13\x92\0\0\x13\x93\0\0\x13\x94", 18,
     " sack=K+1..K+10,K+11..K+12\n"},
    {"\x02\x09\x05", 3, " eol\n"}, /* past its end: nothing can be made of it */
};

enum { OPTIONS_ROWS = sizeof(options_rows) / sizeof(options_rows[0]) };

START_TEST(test_transcript_writes_our_options_by_name)
{
    begin_with(1000, 5000, 4, A);
    bench_open(&bench);
    say(&bench, A, ACK, 1, 1, .options = options_rows[_i].octets,
        .options_length = options_rows[_i].length);
    expect("seq=J+1 ack=K+1\n", "> ACK      seq=J+1 ack=K+1", options_rows[_i].text);
}
END_TEST

static const struct {
    const char *octets;
    size_t length;
    const char *text;
} payload_rows[] = {
    {"a\"b\\c\t\r\n", 8, " \"a\\\"b\\\\c\\t\\r\\n\"\n"},
    {"abc\0", 4, " \"abc\\0\"\n"},
    {"abc\x01", 4, " \"abc\\x01\"\n"},
    {"ab\x01\xff", 4, " hex:616201ff\n"},
    {"#", 1, " \"#\"\n"},
    {"GET / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: nobody at all\r\n\r\n", 64,
     " \\\n    \"GET / HTTP/1.1\\r\\n\" \\\n    \"Host: example.org\\r\\n\" \\\n    \"User-Agent: "
     "nobody at all\\r\\n\" \\\n    \"\\r\\n\"\n"},
    {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
     "\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89",
     41,
     " \\\n    hex:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f808182838485868788"
     " \\\n    hex:89\n"},
    {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl", 64, " size 64\n"},
    {"abcdefghijklmnopqrstuvwxyz", 26, " \"abcdefghijklmnopqrstuvwxyz\"\n"},
};

enum { PAYLOAD_ROWS = sizeof(payload_rows) / sizeof(payload_rows[0]) };

START_TEST(test_transcript_writes_payloads_so_that_they_can_be_read)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .text = payload_rows[_i].octets,
        .size = payload_rows[_i].length);
    expect("> PSH,ACK  seq=J+1 ack=K+1", payload_rows[_i].text);
}
END_TEST

START_TEST(test_transcript_payload_that_was_cut_is_a_size)
{
    bench_open(&bench);
    say(&bench, A, PSH | ACK, 1, 1, .size = 1000, .kept = 96);
    say(&bench, B, PSH | ACK, 1, 1001, .size = 700, .kept = 54);
    expect("> PSH,ACK  seq=J+1 ack=K+1 size 1000\n", "peer send size 700\n",
           "< PSH,ACK  seq=K+1 ack=J+1001 size 700\n");
}
END_TEST

START_TEST(test_transcript_title_holds_any_file_name)
{
    struct ss_flow_packet taken = bench_open(&bench);
    struct ss_transcript_options options = {"a/\"b\\c\n\xc3\xa4.pcap", taken.flow, A};
    ss_transcript_free(bench.transcript);
    bench.transcript = ss_transcript_new(&options);
    say(&bench, A, SYN, 0, 0, );
    expect("title \"?b?c???.pcap: 10.0.0.1:40001 to 10.0.0.2:8888\"\n");
}
END_TEST

static Suite *transcript_line_suite(void)
{
    Suite *suite = suite_create("transcript_line");
    TCase *tests = tcase_create("transcript_line");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, test_transcript_fin_with_data_gets_its_letter_before);
    tcase_add_test(tests, test_transcript_fin_out_of_turn_gets_its_letter_before);
    tcase_add_test(tests, test_transcript_ack_of_what_crossed_is_a_range);
    tcase_add_test(tests, test_transcript_keeps_our_odd_fields);
    tcase_add_loop_test(tests, test_transcript_writes_our_options_by_name, 0, OPTIONS_ROWS);
    tcase_add_loop_test(tests, test_transcript_writes_payloads_so_that_they_can_be_read, 0,
                        PAYLOAD_ROWS);
    tcase_add_test(tests, test_transcript_payload_that_was_cut_is_a_size);
    tcase_add_test(tests, test_transcript_title_holds_any_file_name);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(transcript_line_suite());
}
