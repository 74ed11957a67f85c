/* stack_judge_options: control bits and options: of TCP, of IPv4 and of IPv6's headers. */
#include "stack_judge_parts.h"
#include "synstep/tcp.h"
#include "synstep/tcp_option.h"

/* RFC 791 section 3.1: kinds 0 and 1 stand alone, any other has a length octet. */
void ss_judge_ip_options(const struct ss_judging *judging)
{
    const uint8_t *octets = judging->layer->rest;
    size_t length = judging->layer->rest_length;
    size_t at = 0;
    while (at < length && octets[at] != 0) {
        size_t taken = octets[at] == 1 ? 1 : at + 1 < length ? octets[at + 1] : 0;
        bool wrong = taken == 0 || (octets[at] != 1 && taken < 2) || taken > length - at;
        ss_judge_wrong(judging, wrong, "an option's length is wrong (RFC 791 3.1)");
        if (wrong)
            return;
        at += taken;
    }
}

/* RFC 8200 section 4.2: kind 0 stands alone, any other has a length without its first two. */
void ss_judge_ip6_options(const struct ss_judging *judging)
{
    const uint8_t *octets = judging->layer->rest;
    size_t length = judging->layer->rest_length;
    size_t at = 0;
    while (at < length) {
        size_t taken = octets[at] == 0 ? 1 : at + 1 < length ? octets[at + 1] + (size_t)2 : 0;
        bool wrong = taken == 0 || taken > length - at;
        ss_judge_wrong(judging, wrong, "an option's length is wrong (RFC 8200 4.2)");
        if (wrong)
            return;
        at += taken;
    }
}

static void judge_flags(const struct ss_judging *judging, uint8_t flags)
{
    bool syn = flags & SS_TCP_SYN, fin = flags & SS_TCP_FIN, rst = flags & SS_TCP_RST;
    ss_judge_wrong(judging, ss_judge_says(judging, "reserved") != 0,
                   "its reserved bits are set (RFC 9293 3.1)");
    ss_judge_wrong(judging, syn && fin, "SYN and FIN exclude each other (RFC 9293 3.10.7.4)");
    ss_judge_wrong(judging, syn && rst,
                   "SYN and RST: a beginning that is an end (RFC 9293 3.10.7)");
    ss_judge_wrong(judging, fin && rst,
                   "FIN and RST: after RST there is nothing to end (RFC 9293 3.10.7)");
    ss_judge_wrong(judging, !syn && !rst && !(flags & SS_TCP_ACK),
                   "no ACK, which only a first SYN or a RST may lack (RFC 9293 3.1)");
}

static void judge_option(const struct ss_judging *judging, const struct ss_tcp_option *option,
                         bool syn)
{
    const struct ss_tcp_option_form *form = ss_tcp_option_form(option->kind);
    bool formed = ss_tcp_option_is_well_formed(option);
    ss_judge_wrong(judging, !formed, "an option has a length that its kind cannot have");
    ss_judge_wrong(judging, form && form->syn_only && !syn,
                   "an option is here that only a SYN may have (RFC 9293 3.2, RFC 7323 2.2)");
    ss_judge_wrong(judging,
                   option->kind == SS_TCP_OPTION_WINDOW_SCALE && formed &&
                       option->data[0] > SS_TCP_WINDOW_SHIFT_MAX,
                   "its window scale is over 14 (RFC 7323 2.3)");
}

void ss_judge_tcp(const struct ss_judging *judging)
{
    uint8_t flags = (uint8_t)ss_judge_says(judging, "flags");
    struct ss_tcp_option option;
    struct ss_tcp_option_walk walk =
        ss_tcp_option_walk_over(judging->layer->rest, judging->layer->rest_length);
    ss_judge_wrong(judging,
                   ss_judge_says(judging, "sport") == 0 || ss_judge_says(judging, "dport") == 0,
                   "port 0 is reserved (RFC 6335 6)");
    judge_flags(judging, flags);
    while (ss_tcp_option_next(&walk, &option))
        judge_option(judging, &option, flags & SS_TCP_SYN);
    ss_judge_wrong(judging, walk.malformed,
                   "an option's length is wrong: no more can be read (RFC 9293 3.2)");
}
