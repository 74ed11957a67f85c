/* look: what the kernel says of the connection now. */
#include "look.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "table.h"

static void see_state(struct puppet_sight *sight, uint8_t state)
{
    sight->is_state_known = true;
    sight->state = state;
}

/* Its row in the kernel's table; CLOSED when it has none. */
static void see_row(const struct puppet *puppet, const struct peer_address *remote,
                    struct puppet_sight *sight)
{
    uint8_t state = TCP_CLOSE;
    if (puppet_table_find(&puppet->local, remote, &state))
        see_state(sight, state);
}

/*
 * There are two numbers once the other end has said its own: not before a SYN is answered, nor when
 * it never was.
 */
static bool has_numbers(struct puppet *puppet, uint8_t state)
{
    if (state != TCP_SYN_SENT && state != TCP_CLOSE)
        puppet->is_opening = false;
    return !puppet->is_opening || puppet->broken == ECONNRESET;
}

static void see_numbers(const struct puppet *puppet, struct puppet_sight *sight)
{
    struct peer_witness witness = {0};
    peer_witness_ask(puppet->connection, &puppet->base, &witness);
    if (witness.trouble != 0)
        return;
    see_state(sight, witness.state);
    sight->are_numbers_known = true;
    sight->rcv_nxt = witness.rcv_nxt;
    sight->write_seq = witness.write_seq;
}

/*
 * An open socket whose state is CLOSED: what is left of its connection may be in TIME-WAIT, or in
 * FIN-WAIT-2, which the kernel keeps elsewhere.
 */
static void see_socket(struct puppet *puppet, struct puppet_sight *sight)
{
    uint8_t state = TCP_CLOSE;
    if (!peer_witness_state(puppet->connection, &state))
        return;
    see_state(sight, state);
    if (has_numbers(puppet, state))
        see_numbers(puppet, sight);
    if (sight->state == TCP_CLOSE)
        see_row(puppet, &puppet->remote, sight);
}

/* A connection may have begun though nobody has accepted it; an old one's end is none. */
static void see_listener(const struct puppet *puppet, struct puppet_sight *sight)
{
    see_row(puppet, &puppet->peer, sight);
    if (sight->state != TCP_SYN_RECV && sight->state != TCP_ESTABLISHED &&
        sight->state != TCP_CLOSE_WAIT)
        see_state(sight, TCP_LISTEN);
}

void puppet_look(struct puppet *puppet, struct puppet_sight *sight)
{
    puppet_take_error(puppet);
    *sight = (struct puppet_sight){
        .waiting = puppet_waiting(puppet),
        .last_error = puppet->last_error,
    };
    if (puppet->connection >= 0)
        see_socket(puppet, sight);
    else if (puppet->had_connection)
        see_row(puppet, &puppet->remote, sight);
    else if (puppet->listener >= 0)
        see_listener(puppet, sight);
    else
        see_state(sight, TCP_CLOSE);
}
