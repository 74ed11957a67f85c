/* flow_history: one bit for each letter, and counts of those that come again at 10, 100, 1000. */
#include "flow_history.h"

#include <string.h>

#include "flow_tally.h"

enum { OPENER_LETTERS = 'A' - 'a' };

/* In the order in which several of one packet are written. Those before REPEATED are written once.
 */
enum letter {
    SYN,
    SYN_ACK,
    ACK,
    DATA,
    FIN,
    RST,
    FIN_AND_RST,
    SYN_AND_MORE,
    REPEATED,
    CHECKSUM = REPEATED,
    AGAIN,
    CLOSED_WINDOW,
    GAP,
    LETTERS,
};

static const char letters[LETTERS + 1] = "shadfriqctwg";

_Static_assert(FLOW_HISTORY_ACK == 1 << ACK && FLOW_HISTORY_DATA == 1 << DATA, "their bits");
_Static_assert(LETTERS - REPEATED == SS_FLOW_REPEATED, "a count for each");

static uint32_t bit_if(bool set, enum letter letter)
{
    return set ? UINT32_C(1) << letter : 0;
}

static uint32_t of_flags(const struct ss_packet *packet)
{
    uint8_t flags = packet->tcp.flags & (SS_TCP_SYN | SS_TCP_ACK | SS_TCP_FIN | SS_TCP_RST);
    bool syn = flags & SS_TCP_SYN, fin = flags & SS_TCP_FIN, rst = flags & SS_TCP_RST;
    return bit_if(flags == SS_TCP_ACK && packet->payload_length == 0, ACK) |
           bit_if(syn && !(flags & SS_TCP_ACK), SYN) | bit_if(syn && flags & SS_TCP_ACK, SYN_ACK) |
           bit_if(packet->payload_length > 0 && !rst, DATA) | bit_if(fin, FIN) | bit_if(rst, RST) |
           bit_if(fin && rst, FIN_AND_RST) | bit_if(syn && (fin || rst), SYN_AND_MORE);
}

static uint32_t of_analysis(const struct ss_packet *packet, uint32_t flags)
{
    const uint32_t again = SS_ANALYSIS_RETRANSMISSION | SS_ANALYSIS_FAST_RETRANSMISSION |
                           SS_ANALYSIS_SPURIOUS_RETRANSMISSION;
    if (flags == 0)
        return 0;
    return bit_if((flags & again) && packet->payload_length > 0, AGAIN) |
           bit_if(flags & SS_ANALYSIS_ZERO_WINDOW, CLOSED_WINDOW);
}

static void append(struct ss_flow *flow, char letter)
{
    size_t length = strlen(flow->history);
    if (length + 1 == sizeof(flow->history))
        return;
    flow->history[length] = letter;
    flow->history[length + 1] = '\0';
}

static void write_letter(struct ss_flow *flow, enum ss_side side, char letter)
{
    append(flow, (char)(side == SS_SIDE_A ? letter + OPENER_LETTERS : letter));
}

static bool is_power_of_ten(uint32_t count)
{
    while (count % 10 == 0 && count > 0)
        count /= 10;
    return count == 1;
}

/* Whether a letter that was there before is to be written again. */
static bool comes_again(struct ss_flow_side *side, enum letter letter)
{
    uint32_t *count = &side->repeated[letter - REPEATED];
    if (*count < UINT32_MAX)
        (*count)++;
    return is_power_of_ten(*count);
}

/* `again`: those that are written though they were before. */
static void add(struct ss_flow *flow, enum ss_side which, uint32_t said, uint32_t again)
{
    struct ss_flow_side *side = &flow->sides[which];
    const uint32_t repeated = (UINT32_C(1) << LETTERS) - (UINT32_C(1) << REPEATED);
    uint32_t fresh = said & (~(uint32_t)side->letters | repeated | again);
    if (fresh == 0)
        return;
    side->letters |= (uint16_t)said;
    for (int letter = 0; letter < LETTERS; letter++)
        if (fresh >> letter & 1 && (letter < REPEATED || comes_again(side, (enum letter)letter)))
            write_letter(flow, which, letters[letter]);
}

/* A SYN or SYN/ACK of another number than before is another. */
static uint32_t said_anew(const struct ss_flow_packet *taken)
{
    uint32_t anew = bit_if(taken->analysis.flags & SS_ANALYSIS_REUSED_PORTS, SYN);
    for (size_t i = 0; i < taken->verdicts.count; i++)
        anew |= bit_if(taken->verdicts.list[i].rule == SS_RULE_ISN_CHANGED, SYN_ACK);
    return anew;
}

static bool begins_with_answer(const struct ss_flow *flow, enum ss_side from)
{
    return flow->history[0] == '\0' && flow->late && from == SS_SIDE_B;
}

void flow_history_write(struct ss_flow *flow, const struct ss_packet *packet,
                        const struct ss_flow_packet *taken)
{
    uint32_t said = of_flags(packet) | of_analysis(packet, taken->analysis.flags);
    uint32_t again = packet->tcp.flags & SS_TCP_SYN ? said_anew(taken) : 0;
    if (begins_with_answer(flow, taken->from))
        append(flow, '^');
    if (flow_tally_is_dropped(packet)) {
        said = bit_if(true, CHECKSUM);
        again = 0;
    }
    add(flow, taken->from, said, again);
    if (taken->analysis.flags & SS_ANALYSIS_ACK_LOST_SEGMENT)
        add(flow, ss_side_other(taken->from), bit_if(true, GAP), 0);
}
