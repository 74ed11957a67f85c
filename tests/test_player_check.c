/* test_player_check: what is refused before anything is sent, and what is not. */
#include "player_support.h"

enum { RAW = 1, LIVE = 2, NOBODYS = 4 }; /* of a case; else: simulated, not raw, our own peer */

static struct stage *set_up(unsigned version, unsigned how, const char *text)
{
    char whole[512];
    snprintf(whole, sizeof(whole), "> SYN seq=1\n%s\n", text);
    struct stage *stage = set_stage(version, 0, whole);
    stage->options.raw = how & RAW;
    stage->options.simulated = !(how & LIVE);
    if (how & NOBODYS)
        stage->options.far = NULL;
    return stage;
}

#define OVERWRITTEN(field)                                                                         \
    "test.step:2: the kernel would overwrite " field " as it is given here (raw(7)); it can go "   \
    "over the simulated wire only: --simulate"
#define NOT_IN_4(field)                                                                            \
    "test.step:2: IPv4 has no " field "; say 'only ipv6' in the scenario, or run it with -6"
#define NOT_IN_6(field)                                                                            \
    "test.step:2: IPv6 has no " field "; say 'only ipv4' in the scenario, or run it with -4"
#define NO_ORDERS(statement)                                                                       \
    "test.step:2: '" statement "': somebody else's server takes no orders and bears no witness; "  \
    "leave HOST:PORT away for a private peer"

static const struct {
    unsigned version;
    unsigned how;
    const char *text;
    const char *said;
} refused[] = {
    {4, RAW, "> ACK ip.length=40", OVERWRITTEN("ip.length")},
    {4, RAW, "> ACK seq=1 ip.checksum=5", OVERWRITTEN("ip.checksum")},
    {4, RAW, "> ACK ip.id=0", OVERWRITTEN("ip.id")},
    {4, RAW, "> ACK source=0.0.0.0", OVERWRITTEN("source")},
    {4, RAW, "> ACK corrupt=ip.checksum",
     "test.step:2: the kernel would mend the IP checksum (raw(7)); it can be corrupted over the "
     "simulated wire only: --simulate"},
    {4, RAW, "> ACK corrupt=tcp.checksum corrupt=ip.checksum",
     "test.step:2: the kernel would mend the IP checksum (raw(7)); it can be corrupted over the "
     "simulated wire only: --simulate"},
    {4, 0, "> ACK ip6.version=6", NOT_IN_4("ip6.version")},
    {4, 0, "> ACK ip6.flow=6", NOT_IN_4("ip6.flow")},
    {4, 0, "> ACK seq=1 ip6.length=6", NOT_IN_4("ip6.length")},
    {4, 0, "> ACK ip6.next=6", NOT_IN_4("ip6.next")},
    {4, LIVE, "< ACK ip6.flow=6", NOT_IN_4("ip6.flow")},
    {4, 0, "<? ACK ip6.flow=6", NOT_IN_4("ip6.flow")},
    {4, 0, "<* ACK ip6.flow=6", NOT_IN_4("ip6.flow")},
    {4, 0, "<! ACK ip6.flow=6", NOT_IN_4("ip6.flow")},
    {6, 0, "> ACK ip.version=4", NOT_IN_6("ip.version")},
    {6, 0, "> ACK ip.ihl=5", NOT_IN_6("ip.ihl")},
    {6, 0, "> ACK ip.length=5", NOT_IN_6("ip.length")},
    {6, 0, "> ACK ip.id=5", NOT_IN_6("ip.id")},
    {6, 0, "> ACK ip.rf=1", NOT_IN_6("ip.rf")},
    {6, 0, "> ACK ip.df=1", NOT_IN_6("ip.df")},
    {6, 0, "> ACK ip.mf=1", NOT_IN_6("ip.mf")},
    {6, 0, "> ACK ip.offset=1", NOT_IN_6("ip.offset")},
    {6, 0, "> ACK ip.protocol=6", NOT_IN_6("ip.protocol")},
    {6, 0, "> ACK ip.checksum=6", NOT_IN_6("ip.checksum")},
    {6, RAW | LIVE, "< ACK ip.checksum=*", NOT_IN_6("ip.checksum")},
    {6, 0, "> ACK corrupt=ip.checksum",
     "test.step:2: IPv6 has no IP checksum to corrupt; say 'only ipv4' in the scenario, or run it "
     "with -4"},
    {4, 0, "> ACK source=fd00::1",
     "test.step:2: source is an address of the other IP version; this run is over IPv4"},
    {6, 0, "< ACK destination=10.0.0.1",
     "test.step:2: destination is an address of the other IP version; this run is over IPv6"},
    {4, NOBODYS, "peer accept", NO_ORDERS("peer accept")},
    {4, NOBODYS | LIVE | RAW, "peer expect state CLOSED", NO_ORDERS("peer expect state CLOSED")},
    {4, LIVE, "only simulated", "this scenario says 'only simulated': run it with --simulate"},
    {4, 0, "only live", "this scenario says 'only live': it needs a real kernel as its peer"},
    {4, 0, "only ipv6", "this scenario says 'only ipv6': run it with -6"},
    {6, 0, "only ipv4", "this scenario says 'only ipv4': run it with -4"},
};

enum { REFUSED = sizeof(refused) / sizeof(refused[0]) };

START_TEST(test_player_check_refuses_before_anything_is_sent)
{
    struct stage *stage = set_up(refused[_i].version, refused[_i].how, refused[_i].text);
    ck_assert_int_eq(play(stage), SS_USAGE);
    ck_assert_str_eq(stage->problem.text, refused[_i].said);
    ck_assert_int_eq(stage->problem.status, SS_USAGE);
    ck_assert_uint_eq(ss_trace_count(stage->trace), 0);
    struct ss_arrival arrival;
    (void)ss_wire_receive(stage->wire, 1000, &arrival, NULL);
    ck_assert_uint_eq(stage->heard_count, 0);
    strike(stage);
}
END_TEST

START_TEST(test_player_check_looks_into_groups_and_names_the_place)
{
    struct stage *stage = set_up(4, 0, "{\n< ACK\n  < ACK ip6.next=6 # no\n}");
    struct ss_problem problem;
    ck_assert_int_eq(ss_player_check(&stage->options, &problem), SS_USAGE);
    ck_assert_str_eq(problem.text, "test.step:4: IPv4 has no ip6.next; say 'only ipv6' in the "
                                   "scenario, or run it with -6");
    strike(stage);
    stage = set_stage(4, 0, "< ACK ip6.next=6\n> ACK\n");
    ck_assert_int_eq(ss_player_check(&stage->options, &problem), SS_USAGE);
    strike(stage);
}
END_TEST

static const struct {
    unsigned version;
    unsigned how;
    const char *text;
} allowed[] = {
    {4, RAW, "> ACK ip.id=1 source=10.0.0.9 ip.version=5 ip.ihl=6 ip.protocol=0 ip.df=0 ip.rf=0"},
    {4, RAW, "> ACK destination=0.0.0.0 ip.offset=0 ip.mf=0 ttl=0 tos=0"},
    {4, RAW, "> ACK source=0.0.0.1 corrupt=tcp.checksum checksum=0"},
    {4, RAW, "> ACK ip.id=N"},
    {4, RAW, "< ACK ip.length=40 ip.checksum=0 ip.id=0 source=0.0.0.0"},
    {4, 0, "> ACK ip.length=40 ip.checksum=1 ip.id=0 source=0.0.0.0 corrupt=ip.checksum"},
    {6, RAW, "> ACK source=:: ip6.length=0 ip6.next=0 ip6.flow=0 ip6.version=0"},
    {6, RAW, "> ACK source=fd00::1 destination=:: ttl=0 tos=0 seq=0 urgent=0"},
    {4, 0, "> ACK seq=0 sport=0 dport=0 offset=0 reserved=0 window=0 urgent=0"},
    {4, NOBODYS, "let X = 1\nset window = 5\nwait 1us\ndrop >\n{\n< ACK\n}"},
    {4, 0, "peer accept"},
    {4, 0, "only simulated"},
    {4, LIVE, "only live"},
    {4, 0, "only ipv4"},
    {6, 0, "only ipv6"},
    {6, 0, "only simulated ipv6"},
};

enum { ALLOWED = sizeof(allowed) / sizeof(allowed[0]) };

START_TEST(test_player_check_lets_all_else_pass)
{
    struct ss_problem problem = {0};
    struct stage *stage = set_up(allowed[_i].version, allowed[_i].how, allowed[_i].text);
    enum ss_status status = ss_player_check(&stage->options, &problem);
    ck_assert_msg(status == SS_OK, "%s", problem.text);
    strike(stage);
}
END_TEST

static Suite *player_check_suite(void)
{
    Suite *suite = suite_create("player_check");
    TCase *tcase = tcase_create("check");
    tcase_add_loop_test(tcase, test_player_check_refuses_before_anything_is_sent, 0, REFUSED);
    tcase_add_test(tcase, test_player_check_looks_into_groups_and_names_the_place);
    tcase_add_loop_test(tcase, test_player_check_lets_all_else_pass, 0, ALLOWED);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    return check_main(player_check_suite());
}
