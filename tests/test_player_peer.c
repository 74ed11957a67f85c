/* test_player_peer: `peer` statements: what the far application is told, asked, and given time for.
 *
 * On the simulated wire the first try is a millisecond after the step begins, and so is each more.
 */
#include "player_support.h"

/* --- commands -----------------------------------------------------------------------------------
 */

static const struct ss_far_command *told(const struct stage *stage, size_t n)
{
    ck_assert_uint_le(n, stage->command_count);
    return &stage->commands[n - 1].told;
}

static void play_all_done(struct stage *stage)
{
    for (size_t i = 0; i < stage->scenario->step_count; i++)
        answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    ck_assert_uint_eq(stage->command_count, stage->scenario->step_count);
}

START_TEST(test_player_peer_is_told_what_the_statement_says)
{
    static const struct {
        const char *statement;
        enum ss_far_verb verb;
        int64_t number;
    } statements[] = {
        {"listen", SS_FAR_LISTEN, -1},
        {"listen backlog 3", SS_FAR_LISTEN, 3},
        {"listen backlog 0", SS_FAR_LISTEN, 0},
        {"crowd 5", SS_FAR_CROWD, 5},
        {"accept", SS_FAR_ACCEPT, 0},
        {"connect", SS_FAR_CONNECT, 0},
        {"read 5", SS_FAR_READ, 5},
        {"shutdown write", SS_FAR_SHUTDOWN_WRITE, 0},
        {"close", SS_FAR_CLOSE, 0},
        {"reset", SS_FAR_RESET, 0},
        {"set nodelay", SS_FAR_SET, 1},
        {"set rcvbuf = 4096", SS_FAR_SET, 4096},
    };
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text), "peer %s\n", statements[i].statement);
        struct stage *stage = set_stage(4, 0, text);
        play_all_done(stage);
        ck_assert_int_eq(told(stage, 1)->verb, statements[i].verb);
        ck_assert_int_eq(told(stage, 1)->number, statements[i].number);
        ck_assert(!told(stage, 1)->urgent);
        strike(stage);
    }
}
END_TEST

START_TEST(test_player_peer_is_told_names_and_texts)
{
    struct stage *stage =
        set_stage(4, 0, "peer set sndbuf = 9\npeer sysctl net.ipv4.tcp_rmem = 1 2 3\n");
    play_all_done(stage);
    ck_assert_str_eq(told(stage, 1)->name, "sndbuf");
    ck_assert_int_eq(told(stage, 2)->verb, SS_FAR_SYSCTL);
    ck_assert_str_eq(told(stage, 2)->name, "net.ipv4.tcp_rmem");
    ck_assert_str_eq(told(stage, 2)->text, "1 2 3");
    strike(stage);
}
END_TEST

START_TEST(test_player_peer_sends_octets_or_so_many_letters)
{
    struct stage *stage =
        set_stage(4, 0,
                  "peer send \"hello\"\npeer send size 30\npeer send hex:00ff urgent\n"
                  "peer send size 0\n");
    play_all_done(stage);
    for (size_t n = 1; n <= 4; n++)
        ck_assert_int_eq(told(stage, n)->verb, SS_FAR_SEND);
    ck_assert_uint_eq(told(stage, 1)->length, 5);
    ck_assert_mem_eq(stage->commands[0].octets, "hello", 5);
    ck_assert(!told(stage, 1)->urgent);
    ck_assert_uint_eq(told(stage, 2)->length, 30);
    ck_assert_mem_eq(stage->commands[1].octets, "abcdefghijklmnopqrstuvwxyzabcd", 30);
    ck_assert_uint_eq(told(stage, 3)->length, 2);
    ck_assert_mem_eq(stage->commands[2].octets, "\x00\xff", 2);
    ck_assert(told(stage, 3)->urgent);
    ck_assert_uint_eq(told(stage, 4)->length, 0);
    strike(stage);
}
END_TEST

START_TEST(test_player_peer_command_is_told_and_takes_its_time)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "> SYN seq=J\n"
                                    "peer accept\n"
                                    "peer read 3\n"
                                    "peer read 1\n"
                                    "> RST\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_NOT_YET, .times = 3});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE, .read = "abc"});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE, .read = "d"});
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@4000 held line=3 checks=1\n"
                  "@5000 held line=4 checks=1 (read 3 octets)\n"
                  "@6000 held line=5 checks=1 (read 1 octet)\n"
                  "@6000 > RST seq=1\n");
    strike(stage);
}
END_TEST

/* What was sent has reached the far host by the first try, and its answer has come back. */
START_TEST(test_player_peer_is_asked_when_what_was_sent_has_arrived)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\npeer accept\n< SYN,ACK\n");
    say_after(stage, 1, segment(stage, S | A, 500, 1));
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    expect_played(stage, SS_OK,
                  "@0 > SYN seq=0\n"
                  "@200 < SYN,ACK seq=500 ack=1\n"
                  "@1000 held line=2 checks=1\n"
                  "@1000 held line=3 n=2 checks=2\n");
    ck_assert_uint_eq(stage->commands[0].arrivals, 1);
    strike(stage);
}
END_TEST

START_TEST(test_player_peer_command_that_fails)
{
    static const struct {
        const char *statement;
        struct prepared prepared;
        const char *said; /* of what it got */
    } failures[] = {
        {"accept within 3ms", {.outcome = SS_FAR_NOT_YET, .times = 3}, "it could not in this time"},
        {"connect", {.outcome = SS_FAR_FAILED, .error = "ECONNREFUSED"}, "ECONNREFUSED"},
        {"crowd 3", {.outcome = SS_FAR_CANNOT, .error = "it has no crowd"}, "it has no crowd"},
        {"read 3", {.outcome = SS_FAR_END}, "the stream has ended"},
    };
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        char text[128], said[256], word[16];
        const char *statement = failures[i].statement;
        snprintf(text, sizeof(text), "peer %s\nwait 1s\n", statement);
        snprintf(word, sizeof(word), "%.*s", (int)strcspn(statement, " "), statement);
        struct stage *stage = set_stage(4, 0, text);
        answer(stage, failures[i].prepared);
        ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
        snprintf(said, sizeof(said), "test.step:1: 'peer %s': expected done, got %s", statement,
                 failures[i].said);
        ck_assert_str_eq(stage->problem.text, said);
        snprintf(said, sizeof(said), "@%d000 failed line=1 checks=1 (%s)\n  %s: %s, not done\n",
                 strstr(statement, "3ms") ? 3 : 1, failures[i].said, word, failures[i].said);
        expect_story(stage, said);
        ck_assert_uint_eq(end_of(stage)->failed, 1);
        strike(stage);
    }
}
END_TEST

/* The last try is at the end of the time, to the microsecond. */
START_TEST(test_player_peer_tries_until_its_time_is_over)
{
    struct stage *stage = set_stage(4, 0, "peer accept within 5ms\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_NOT_YET, .times = 5});
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(stage->commands[i].time_us, 1000 * (i + 1));
    strike(stage);
    stage = set_stage(4, 0, "peer accept within 5500us\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_NOT_YET, .times = 5});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_uint_eq(stage->commands[5].time_us, 5500);
    strike(stage);
    stage = set_stage(4, 0, "peer accept\n");
    answer(stage, (struct prepared){.outcome = SS_FAR_NOT_YET, .times = 50});
    answer(stage, (struct prepared){.outcome = SS_FAR_FAILED, .error = "ETIMEDOUT"});
    ck_assert_int_eq(play(stage), SS_CHECK_FAILED);
    ck_assert_uint_eq(stage->commands[50].time_us, 51000);
    strike(stage);
}
END_TEST

START_TEST(test_player_peer_that_is_gone_ends_the_run)
{
    static const char *const statements[] = {"peer accept", "peer expect state CLOSED",
                                             "peer expect read \"x\"", "peer expect end"};
    for (size_t i = 0; i < 4; i++) {
        struct stage *stage = set_stage(4, 0, statements[i]);
        answer(stage, (struct prepared){.status = SS_IO});
        ck_assert_int_eq(play(stage), SS_IO);
        ck_assert_str_eq(stage->problem.text, "the far end is gone");
        ck_assert_int_eq(end_of(stage)->status, SS_IO);
        expect_story(stage, "");
        strike(stage);
    }
}
END_TEST

/* --- on a live wire -----------------------------------------------------------------------------
 */

static struct ss_wire_operations watched;
static unsigned flushes;

static enum ss_status count_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    (void)wire;
    flushes++;
    return flushes < 3 ? SS_OK : ss_problem_set(problem, SS_IO, "the wire is cut");
}

/* No time is given to what was sent: it is only let go. */
START_TEST(test_player_peer_on_a_live_wire_is_asked_after_a_flush)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\npeer accept\npeer accept\npeer accept\n");
    struct ss_wire *wire = stage->wire;
    const struct ss_wire_operations *usual = wire->operations;
    flushes = 0;
    watched = *usual;
    watched.flush = count_flush;
    wire->operations = &watched;
    stage->options.simulated = false;
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    ck_assert_int_eq(play(stage), SS_IO);
    ck_assert_str_eq(stage->problem.text, "the wire is cut");
    ck_assert_uint_eq(stage->commands[1].time_us, 0);
    ck_assert_uint_eq(flushes, 4); /* one more at the end of the run */
    wire->operations = usual;
    strike(stage);
}
END_TEST

/* --- what it must find --------------------------------------------------------------------------
 */

static const struct prepared established = {.state_known = true,
                                            .state = SS_TCP_ESTABLISHED,
                                            .numbers_known = true,
                                            .rcv_nxt = 6,
                                            .write_seq = 501};
static const struct prepared opening = {
    .state_known = true, .state = SS_TCP_SYN_SENT, .numbers_known = true, .rcv_nxt = 5};
static const struct prepared reset = {
    .state_known = true, .state = SS_TCP_CLOSED, .error = "ECONNRESET"};
static const struct prepared dumb = {.rcv_nxt = 6, .write_seq = 501};
static const struct prepared nothing = {.outcome = SS_FAR_NOT_YET};
static const struct prepared ended = {.outcome = SS_FAR_END};
static const struct prepared hello = {.outcome = SS_FAR_DONE, .read = "hello"};
static const struct prepared letters = {.outcome = SS_FAR_DONE, .size = 30};
static const struct prepared failing = {.outcome = SS_FAR_FAILED, .error = "ENOTCONN"};

/* Each with 3 ms, at base 1000: three tries, unless one settles it. */
static const struct {
    const char *statement;
    const struct prepared *prepared;
    unsigned tries;
    const char *said; /* "": it holds */
} findings[] = {
    {"state ESTABLISHED", &established, 1, ""},
    {"state CLOSED", &established, 3, "state: ESTABLISHED, not CLOSED\n"},
    {"state SYN-SENT", &opening, 1, ""},
    {"state CLOSED", &dumb, 3, "state: not known, not CLOSED\n"},
    {"error ECONNRESET", &reset, 1, ""},
    {"error EPIPE", &reset, 3, "error: ECONNRESET, not EPIPE\n"},
    {"error ECONNRESET", &established, 3, "error: none, not ECONNRESET\n"},
    {"rcv_nxt = J+6", &established, 1, ""},
    {"rcv_nxt = 1006", &established, 1, ""},
    {"rcv_nxt = J+5", &established, 3, "rcv_nxt: J+6 = 1006, not J+5 = 1005\n"},
    {"rcv_nxt = J+501", &established, 3, "rcv_nxt: J+6 = 1006, not J+501 = 1501\n"},
    {"rcv_nxt = J+6", &dumb, 3, "rcv_nxt: not to be had from its kernel now, not a number\n"},
    {"write_seq = J+501", &established, 1, ""},
    {"write_seq = J+6", &established, 3, "write_seq: J+501 = 1501, not J+6 = 1006\n"},
    {"write_seq = J+6", &dumb, 3, "write_seq: not to be had from its kernel now, not a number\n"},
    {"read \"hello\"", &hello, 1, ""},
    {"read \"hellO\"", &hello, 1, "read: 5 octets \"hello\", not 5 octets \"hellO\"\n"},
    {"read \"Hello\"", &hello, 1, "read: 5 octets \"hello\", not 5 octets \"Hello\"\n"},
    {"read \"hell\"", &hello, 1, "read: 5 octets \"hello\", not 4 octets \"hell\"\n"},
    {"read \"hello!\"", &hello, 1, "read: 5 octets \"hello\", not 6 octets \"hello!\"\n"},
    {"read \"hello\"", &nothing, 3, "read: it could not in this time, not 5 octets \"hello\"\n"},
    {"read \"hello\"", &ended, 1, "read: the stream has ended, not 5 octets \"hello\"\n"},
    {"read \"hello\"", &failing, 1, "read: ENOTCONN, not 5 octets \"hello\"\n"},
    {"read \"h\"", &ended, 1, "read: the stream has ended, not 1 octet \"h\"\n"},
    {"read size 30", &letters, 1, ""},
    {"read size 29", &letters, 1,
     "read: 30 octets \"abcdefghijklmnopqrstuvwxyzabcd\", not 29 octets\n"},
    {"read size 5", &hello, 1, ""},
    {"end", &ended, 1, ""},
    {"end", &hello, 1, "read: read 5 octets, not the end of the stream\n"},
    {"end", &nothing, 3, "read: it could not in this time, not the end of the stream\n"},
    {"end", &failing, 1, "read: ENOTCONN, not the end of the stream\n"},
};

enum { FINDINGS = sizeof(findings) / sizeof(findings[0]) };

START_TEST(test_player_peer_finds_what_it_must_or_that_is_told)
{
    char text[128];
    struct prepared prepared = *findings[_i].prepared;
    bool held = findings[_i].said[0] == '\0';
    prepared.times = findings[_i].tries;
    snprintf(text, sizeof(text), "param J\npeer expect %s within 3ms\n", findings[_i].statement);
    struct stage *stage = set_stage(4, 1000, text);
    answer(stage, prepared);
    ck_assert_int_eq(play(stage), held ? SS_OK : SS_CHECK_FAILED);
    ck_assert_str_eq(differences(stage), findings[_i].said);
    ck_assert_uint_eq(stage->command_count, findings[_i].tries);
    ck_assert_uint_eq(end_of(stage)->checks, 1);
    ck_assert_uint_eq(end_of(stage)->failed, held ? 0 : 1);
    strike(stage);
}
END_TEST

START_TEST(test_player_peer_is_asked_for_what_is_to_be_found)
{
    struct stage *stage = set_stage(4, 0,
                                    "peer expect read \"hello\"\npeer expect read size 30\n"
                                    "peer expect end\npeer expect state CLOSED\n");
    answer(stage, hello);
    answer(stage, letters);
    answer(stage, ended);
    answer(stage, reset);
    ck_assert_int_eq(play(stage), SS_OK);
    ck_assert_int_eq(told(stage, 1)->verb, SS_FAR_READ);
    ck_assert_int_eq(told(stage, 1)->number, 5);
    ck_assert_int_eq(told(stage, 2)->number, 30);
    ck_assert_int_eq(told(stage, 3)->verb, SS_FAR_READ);
    ck_assert_int_eq(told(stage, 3)->number, 1);
    ck_assert_int_eq(told(stage, 4)->verb, SS_FAR_LOOK);
    strike(stage);
}
END_TEST

START_TEST(test_player_peer_becomes_what_it_must_in_time)
{
    struct stage *stage = set_stage(4, bases[_i],
                                    "param J\n"
                                    "peer expect state ESTABLISHED\n"
                                    "peer expect rcv_nxt = J+6\n"
                                    "peer expect write_seq = J+501\n"
                                    "peer expect read \"hello\"\n");
    struct prepared before = opening;
    before.times = 2;
    answer(stage, before);
    answer(stage, established);
    answer(stage, before);
    answer(stage, established);
    answer(stage, before);
    answer(stage, established);
    answer(stage, nothing);
    answer(stage, hello);
    expect_played(stage, SS_OK,
                  "@3000 held line=2 checks=1\n"
                  "@6000 held line=3 checks=1\n"
                  "@9000 held line=4 checks=1\n"
                  "@11000 held line=5 checks=1 (read 5 octets)\n");
    strike(stage);
}
END_TEST

/* What the peer sends meanwhile is in the trace, and waits for its step. */
START_TEST(test_player_peer_lets_the_wire_live_while_it_waits)
{
    struct stage *stage = set_stage(4, 0, "> SYN seq=0\npeer accept\n< SYN,ACK\n< ACK after 0us\n");
    say_at(stage, 1400, segment(stage, S | A, 500, 1));
    say_at(stage, 2900, segment(stage, A, 501, 1));
    answer(stage, (struct prepared){.outcome = SS_FAR_NOT_YET, .times = 2});
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    (void)play(stage);
    ck_assert_ptr_nonnull(strstr(tell_story(stage), "@0 > SYN seq=0\n"
                                                    "@1500 < SYN,ACK seq=500 ack=1\n"
                                                    "@3000 < ACK seq=501 ack=1\n"
                                                    "@3000 held line=2 checks=1\n"
                                                    "@3000 held line=3 n=2 checks=2\n"));
    strike(stage);
}
END_TEST

/* "after" counts from when the peer had done it. */
START_TEST(test_player_peer_is_a_step_that_after_counts_from)
{
    struct stage *stage = set_stage(4, 0, "peer connect\n< SYN after 2500us\n");
    say_at(stage, 3400, segment(stage, S, 500, 0));
    answer(stage, (struct prepared){.outcome = SS_FAR_DONE});
    ck_assert_msg(play(stage) == SS_OK, "%s", stage->problem.text);
    strike(stage);
}
END_TEST

static Suite *player_peer_suite(void)
{
    Suite *suite = suite_create("player_peer");
    TCase *commands = tcase_create("commands");
    tcase_add_test(commands, test_player_peer_is_told_what_the_statement_says);
    tcase_add_test(commands, test_player_peer_is_told_names_and_texts);
    tcase_add_test(commands, test_player_peer_sends_octets_or_so_many_letters);
    tcase_add_loop_test(commands, test_player_peer_command_is_told_and_takes_its_time, 0, BASES);
    tcase_add_test(commands, test_player_peer_is_asked_when_what_was_sent_has_arrived);
    tcase_add_test(commands, test_player_peer_command_that_fails);
    tcase_add_test(commands, test_player_peer_tries_until_its_time_is_over);
    tcase_add_test(commands, test_player_peer_that_is_gone_ends_the_run);
    tcase_add_test(commands, test_player_peer_on_a_live_wire_is_asked_after_a_flush);
    suite_add_tcase(suite, commands);
    TCase *found = tcase_create("found");
    tcase_add_loop_test(found, test_player_peer_finds_what_it_must_or_that_is_told, 0, FINDINGS);
    tcase_add_test(found, test_player_peer_is_asked_for_what_is_to_be_found);
    tcase_add_loop_test(found, test_player_peer_becomes_what_it_must_in_time, 0, BASES);
    tcase_add_test(found, test_player_peer_lets_the_wire_live_while_it_waits);
    tcase_add_test(found, test_player_peer_is_a_step_that_after_counts_from);
    suite_add_tcase(suite, found);
    return suite;
}

int main(void)
{
    return check_main(player_peer_suite());
}
