/* flow_end: what became of a connection, and the words for it. */
#include "synstep/flows.h"

/*
 * Its handshake was begun, and never finished by A; where nothing of A was captured, what B sent
 * later tells that it was. An end that answers a SYN with an old connection's numbers is half-open
 * in the words of RFC 9293 section 3.5.1.
 */
static bool is_half_open(const struct ss_verify_side *a, const struct ss_verify_side *b)
{
    return (a->syn_sent || b->synack_sent) && !a->handshake_done && !b->handshake_done;
}

enum ss_connection_end ss_flow_end(const struct ss_flow *flow)
{
    const struct ss_verify_side *a = &flow->verify.sides[SS_SIDE_A];
    const struct ss_verify_side *b = &flow->verify.sides[SS_SIDE_B];
    if (b->reset)
        return flow->late || b->isn_known ? SS_CONNECTION_RESET_B : SS_CONNECTION_REFUSED;
    if (a->reset)
        return SS_CONNECTION_RESET_A;
    if (a->fin_known && b->fin_known)
        return SS_CONNECTION_CLOSED;
    if (b->segments == 0)
        return SS_CONNECTION_UNANSWERED;
    if (a->fin_known || b->fin_known)
        return SS_CONNECTION_HALF_CLOSED;
    return is_half_open(a, b) ? SS_CONNECTION_HALF_OPEN : SS_CONNECTION_OPEN;
}

const char *ss_connection_end_text(enum ss_connection_end end)
{
    switch (end) {
    case SS_CONNECTION_OPEN:
        return "still open";
    case SS_CONNECTION_CLOSED:
        return "closed";
    case SS_CONNECTION_HALF_OPEN:
        return "half-open";
    case SS_CONNECTION_HALF_CLOSED:
        return "half-closed";
    case SS_CONNECTION_RESET_A:
        return "reset by the client";
    case SS_CONNECTION_RESET_B:
        return "reset by the server";
    case SS_CONNECTION_REFUSED:
        return "refused";
    case SS_CONNECTION_UNANSWERED:
        return "no answer";
    }
    return "unknown";
}
