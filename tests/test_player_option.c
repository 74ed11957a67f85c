/* test_player_option: TCP options as they leave, and as they are expected. Octets are by hand. */
#include "player_support.h"

/* --- sent ---------------------------------------------------------------------------------------
 */

START_TEST(test_player_option_octets_leave_in_the_order_given)
{
    static const struct {
        const char *text;
        size_t length; /* with the padding */
        uint8_t octets[40];
    } options[] = {
        {"mss=1460", 4, {2, 4, 0x05, 0xb4}},
        {"mss=0", 4, {2, 4, 0, 0}},
        {"mss=65535", 4, {2, 4, 0xff, 0xff}},
        {"wscale=7", 4, {3, 3, 7, 0}},
        {"wscale=255", 4, {3, 3, 255, 0}},
        {"sackok", 4, {4, 2, 0, 0}},
        {"ts=0x01020304,0x05060708", 12, {8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0}},
        {"ts=-1,0", 12, {8, 10, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0}},
        {"sack=1..9", 12, {5, 10, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0}},
        {"sack=1..9,-1..1", 20, {5,   18,  0,   0,   0, 1, 0, 0, 0, 9,
                                 255, 255, 255, 255, 0, 0, 0, 1, 0, 0}},
        {"nop", 4, {1, 0, 0, 0}},
        {"eol", 4, {0, 0, 0, 0}},
        {"nop nop eol nop", 4, {1, 1, 0, 1}},
        {"tfo", 4, {34, 2, 0, 0}},
        {"opt=254:0a0b", 4, {254, 4, 0x0a, 0x0b}},
        {"opt=254:", 4, {254, 2, 0, 0}},
        {"opt=1:", 4, {1, 0, 0, 0}},
        {"opt=1:0a", 4, {1, 0x0a, 0, 0}},
        {"opt=2:05", 4, {2, 3, 5, 0}},
        {"opt=8:01", 4, {8, 3, 1, 0}},
        {"opt=3:0102", 4, {3, 4, 1, 2}},
        {"opt=5:01", 4, {5, 3, 1, 0}},
        {"wscale=1 mss=2 sackok wscale=3", 12, {3, 3, 1, 2, 4, 0, 2, 4, 2, 3, 3, 3}},
        {"sack=1..2,3..4,5..6,7..8", 36, {5, 34, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4,
                                          0, 0,  0, 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0}},
        {"opt=253:"
         "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526",
         40,
         {253, 40, 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18,
          19,  20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38}},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        char text[256];
        size_t length = options[i].length;
        snprintf(text, sizeof(text), "> SYN seq=1 %s\n", options[i].text);
        struct stage *stage = sent(_i ? 6 : 4, text);
        size_t tcp = _i ? 40 : 20;
        const uint8_t *octets = heard(stage, 1, tcp + 20 + length);
        ck_assert_uint_eq(octets[tcp + 12] >> 4, 5 + length / 4);
        ck_assert_msg(memcmp(octets + tcp + 20, options[i].octets, length) == 0, "%s",
                      options[i].text);
        strike(stage);
    }
}
END_TEST

START_TEST(test_player_option_numbers_are_worked_out_from_names)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J ts=J,J+1\n"
                                    "< SYN,ACK seq=K ts=T,*\n"
                                    "> ACK ts=J+2,T sack=K-500..K-499,T..K\n"
                                    "wait 1ms\n");
    uint8_t timestamps[] = {8, 10, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0};
    ss_bytes_put32(timestamps + 6, bases[_i]);
    say_after(stage, 1, with_options(segment(stage, S | A, 500, 1), timestamps, 10));
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    const uint8_t *octets = heard(stage, 2, 40 + 28) + 40;
    ck_assert_uint_eq(ss_bytes_get32(octets + 2), bases[_i] + 2);
    ck_assert_uint_eq(ss_bytes_get32(octets + 6), 0x12345678);
    ck_assert_uint_eq(ss_bytes_get16(octets + 10), 0x0512);
    ck_assert_uint_eq(ss_bytes_get32(octets + 12), bases[_i]);
    ck_assert_uint_eq(ss_bytes_get32(octets + 16), bases[_i] + 1);
    ck_assert_uint_eq(ss_bytes_get32(octets + 20), 0x12345678);
    ck_assert_uint_eq(ss_bytes_get32(octets + 24), bases[_i] + 500);
    strike(stage);
}
END_TEST

START_TEST(test_player_option_number_too_large_for_it_is_told)
{
    static const struct {
        const char *text;
        uint32_t k;
        const char *said;
    } options[] = {
        {"mss=K", 65535, ""},
        {"mss=K", 65536,
         "test.step:3: 65536 is too large for a TCP option that holds 65535 at most"},
        {"wscale=K", 255, ""},
        {"wscale=K", 256, "test.step:3: 256 is too large for a TCP option that holds 255 at most"},
        {"ts=K,K", 0xffffffff, ""},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text), "> SYN seq=1\n< SYN,ACK seq=K\n> ACK %s\n", options[i].text);
        struct stage *stage = set_stage(4, 0, text);
        bool fits = options[i].said[0] == '\0';
        say_after(stage, 1, segment(stage, S | A, options[i].k, 2));
        ck_assert_int_eq(play(stage), fits ? SS_OK : SS_CHECK_FAILED);
        if (!fits)
            ck_assert_str_eq(stage->problem.text, options[i].said);
        strike(stage);
    }
}
END_TEST

/* --- expected -----------------------------------------------------------------------------------
 */

/* mss 1460, sackok, ts 1000 2000, nop, wscale 7, sack 3000..4000 would follow in another. */
static const uint8_t usual[] = {2, 4,    0x05, 0xb4, 4,    2,    8, 10, 0, 0,
                                3, 0xe8, 0,    0,    0x07, 0xd0, 1, 3,  3, 7};

/* sack 2..5 6..9, kind 254 with 0a0b, fast open. */
static const uint8_t rare[] = {5, 18, 0, 0, 0, 2, 0,   0, 0,    5,    0,  0,
                               0, 6,  0, 0, 0, 9, 254, 4, 0x0a, 0x0b, 34, 2};

/* Kind 253 with 36 octets, of which 35 can be told. */
static const uint8_t lengthy[] = {253, 38, 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                  12,  13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
                                  25,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36};

/* nop, end. */
static const uint8_t padding[] = {1, 0};

static const struct {
    const char *items;
    const uint8_t *octets;
    size_t length;
    unsigned checks;  /* besides flags and payload */
    const char *said; /* "": it holds */
} expected[] = {
    {"no options", NULL, 0, 1, ""},
    {"no options", usual, sizeof usual, 1,
     "options: mss=1460 sackok ts=1000,2000 wscale=7, not none\n"},
    {"no options", padding, sizeof padding, 1, "options: some, not none\n"},
    {"mss sackok ts wscale nop", usual, sizeof usual, 5, ""},
    {"mss=1460", usual, sizeof usual, 2, ""},
    {"wscale=7", usual, sizeof usual, 2, ""},
    {"ts=1000,2000", usual, sizeof usual, 3, ""},
    {"ts=*,2000", usual, sizeof usual, 2, ""},
    {"ts=1000,*", usual, sizeof usual, 2, ""},
    {"wscale=7 ts=1000,2000 sackok mss=1460", usual, sizeof usual, 8, ""},
    {"mss=1000..2000", usual, sizeof usual, 2, ""},
    {"mss=*", usual, sizeof usual, 1, ""},
    {"mss=1459", usual, sizeof usual, 2, "mss: 1460, not 1459\n"},
    {"mss=1461..2000", usual, sizeof usual, 2, "mss: 1460, not 1461 to 2000\n"},
    {"wscale=8", usual, sizeof usual, 2, "wscale: 7, not 8\n"},
    {"ts=1001,2000", usual, sizeof usual, 3, "ts value: J = 1000, not 1001\n"},
    {"ts=1000,2001", usual, sizeof usual, 3, "ts echo: J+1000 = 2000, not 2001\n"},
    {"ts=1000,1000", usual, sizeof usual, 3, "ts echo: J+1000 = 2000, not 1000\n"},
    {"mss", NULL, 0, 1, "mss: absent, not there\n"},
    {"mss=1460", NULL, 0, 1, "mss: absent, not there\n"},
    {"sackok", NULL, 0, 1, "sackok: absent, not there\n"},
    {"ts=1,2", NULL, 0, 1, "ts: absent, not there\n"},
    {"wscale", NULL, 0, 1, "wscale: absent, not there\n"},
    {"sack=1..2", NULL, 0, 1, "sack: absent, not there\n"},
    {"no mss no sackok no ts no wscale no nop no sack no tfo no eol", NULL, 0, 8, ""},
    {"no mss", usual, sizeof usual, 1, "mss: there, not absent\n"},
    {"no ts", usual, sizeof usual, 1, "ts: there, not absent\n"},
    {"no sack no tfo no opt=254 no eol", usual, sizeof usual, 4, ""},
    {"nop eol", padding, sizeof padding, 2, ""},
    {"no eol", padding, sizeof padding, 1, "eol: there, not absent\n"},
    {"sack tfo opt=254", rare, sizeof rare, 3, ""},
    {"sack=2..5,6..9", rare, sizeof rare, 6, ""},
    {"sack=2..5", rare, sizeof rare, 4, "sack blocks: 2, not 1\n"},
    {"sack=2..5,6..9,1..1", rare, sizeof rare, 6, "sack blocks: 2, not 3\n"},
    {"sack=2..5,6..8", rare, sizeof rare, 6, "sack 2: 9, not 8\n"},
    {"sack=2..5,7..9", rare, sizeof rare, 6, "sack 2: 6, not 7\n"},
    {"sack=1..5,6..9", rare, sizeof rare, 6, "sack 1: 2, not 1\n"},
    {"sack=2..4,6..9", rare, sizeof rare, 6, "sack 1: 5, not 4\n"},
    {"opt=254:0a0b", rare, sizeof rare, 2, ""},
    {"opt=254:0a0c", rare, sizeof rare, 2, "opt=254: 0a0b, not 0a0c\n"},
    {"opt=254:0a", rare, sizeof rare, 2, "opt=254: 0a0b, not 0a\n"},
    {"opt=254:0a0b0c", rare, sizeof rare, 2, "opt=254: 0a0b, not 0a0b0c\n"},
    {"opt=254:", rare, sizeof rare, 2, "opt=254: 0a0b, not no data\n"},
    {"opt=34:", rare, sizeof rare, 2, ""},
    {"opt=34:01", rare, sizeof rare, 2, "tfo: no data, not 01\n"},
    {"opt=1:", padding, sizeof padding, 2, ""},
    {"opt=1:00", padding, sizeof padding, 2, "nop: no data, not 00\n"},
    {"opt=2:05b4", usual, sizeof usual, 2, ""},
    {"opt=253:00", lengthy, sizeof lengthy, 2,
     "opt=253: 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223, not 00\n"},
    {"opt=253", rare, sizeof rare, 1, "opt=253: absent, not there\n"},
    {"no opt=254", rare, sizeof rare, 1, "opt=254: there, not absent\n"},
};

enum { EXPECTED = sizeof(expected) / sizeof(expected[0]) };

START_TEST(test_player_option_is_compared_and_what_differs_told)
{
    char text[256], checks[64];
    bool held = expected[_i].said[0] == '\0';
    snprintf(text, sizeof(text), "param J\n> SYN seq=J\n< SYN,ACK %s\n", expected[_i].items);
    snprintf(checks, sizeof(checks), "%s line=3 n=2 checks=%u%c", held ? "held" : "failed",
             expected[_i].checks + 2, held ? '\n' : ' ');
    struct stage *stage = set_stage(4, 1000, text);
    say_after(
        stage, 1,
        with_options(segment(stage, S | A, 500, 1), expected[_i].octets, expected[_i].length));
    (void)play(stage); /* what verify thinks of such options is another matter */
    ck_assert_str_eq(differences(stage), expected[_i].said);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), checks));
    strike(stage);
}
END_TEST

START_TEST(test_player_option_gives_names_their_values)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J sackok wscale=1 ts=2000,0\n"
                                    "< SYN,ACK mss=M wscale=W ts=T,E\n"
                                    "> ACK seq=M ack=W\n"
                                    "> ACK seq=T ack=E\n"
                                    "wait 1ms\n");
    say_after(stage, 1, with_options(segment(stage, S | A, 500, 1), usual, sizeof usual));
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 2, 40) + 24), 1460);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 2, 40) + 28), 7);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 3, 40) + 24), 1000);
    ck_assert_uint_eq(ss_bytes_get32(heard(stage, 3, 40) + 28), 2000);
    strike(stage);
}
END_TEST

/* Its numbers have names, as others of 32 bits. */
START_TEST(test_player_option_block_that_differs_is_told_by_names)
{
    static const uint8_t blocks[] = {1, 1, 5, 10, 0, 0, 0x03, 0xea, 0, 0, 0x03, 0xf1};
    struct stage *stage = set_stage(4, 1000, "param J\n> SYN seq=J\n< SYN,ACK sack=J+3..J+8\n");
    say_after(stage, 1, with_options(segment(stage, S | A, 500, 1), blocks, sizeof blocks));
    (void)play(stage);
    ck_assert_str_eq(differences(stage), "sack 1: J+2 = 1002, not J+3 = 1003\n"
                                         "sack 1: J+9 = 1009, not J+8 = 1008\n");
    strike(stage);
}
END_TEST

/* Of an option that is there twice, the first is looked at. */
START_TEST(test_player_option_that_is_there_twice_is_the_first)
{
    static const uint8_t twice[] = {254, 3, 1, 254, 3, 2, 1, 1};
    struct stage *stage = set_stage(4, 0, "> SYN seq=1\n< SYN,ACK opt=254:01\n< ACK opt=254:02\n");
    say_after(stage, 1, with_options(segment(stage, S | A, 500, 2), twice, sizeof twice));
    say_after(stage, 1, with_options(segment(stage, A, 501, 2), twice, sizeof twice));
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "failed line=3 n=3 checks=4"));
    strike(stage);
}
END_TEST

static Suite *player_option_suite(void)
{
    Suite *suite = suite_create("player_option");
    TCase *tcase = tcase_create("options");
    tcase_add_loop_test(tcase, test_player_option_octets_leave_in_the_order_given, 0, 2);
    tcase_add_loop_test(tcase, test_player_option_numbers_are_worked_out_from_names, 0, BASES);
    tcase_add_test(tcase, test_player_option_number_too_large_for_it_is_told);
    tcase_add_loop_test(tcase, test_player_option_is_compared_and_what_differs_told, 0, EXPECTED);
    tcase_add_loop_test(tcase, test_player_option_gives_names_their_values, 0, BASES);
    tcase_add_test(tcase, test_player_option_block_that_differs_is_told_by_names);
    tcase_add_test(tcase, test_player_option_that_is_there_twice_is_the_first);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(player_option_suite());
}
