/* inspect: tables of a name and one or more values. */
#include "synstep/inspect.h"

#include <inttypes.h>
#include <stdio.h>

#include "ladder_parts.h"

enum { COLUMNS = 3, NAME_AT = 2, FIRST_AT = 14, APART = 22, CELL_SIZE = 40 };

/* A line of the table; an empty cell stays empty. */
struct row {
    const char *name;
    char cells[COLUMNS][CELL_SIZE];
};

static void write_row(struct ss_lines *lines, const struct row *row)
{
    ss_lines_clear(lines);
    ss_lines_put(lines, NAME_AT, row->name);
    for (size_t i = 0; i < COLUMNS; i++)
        ss_lines_put(lines, FIRST_AT + i * APART, row->cells[i]);
    ss_lines_print(lines);
}

/* "4191057389 = J+1", or the number alone. */
static void word_seq(char cell[CELL_SIZE], bool known, const struct ss_verify *verify,
                     enum ss_side side, struct ss_seq seq)
{
    char symbol[SS_SEQ_TEXT_SIZE] = "";
    if (!known)
        return;
    if (verify->sides[side].isn_known || verify->sides[side].fin_known)
        ss_verify_symbol(verify, side, seq, symbol);
    snprintf(cell, CELL_SIZE, "%" PRIu32 "%s%s%s", seq.value, symbol[0] ? SS_DIM " = " : "",
             symbol[0] ? ss_ladder_style(side) : "", symbol);
}

/* --- both ends -------------------------------------------------------------------------------- */

enum { OWN, SEEN }; /* the first column; from the second on, the sides */

static void write_heading(struct ss_lines *lines)
{
    struct row row = {
        .name = "",
        .cells = {SS_DIM "our own end", SS_LOCAL "synstep as seen", SS_PEER "the peer as seen"}};
    write_row(lines, &row);
}

static void write_states(struct ss_lines *lines, const struct ss_verify *verify)
{
    struct row row = {.name = "state"};
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        snprintf(row.cells[SEEN + side], CELL_SIZE, "%s",
                 ss_tcp_state_text(verify->sides[side].state));
    write_row(lines, &row);
}

static void write_isn(struct ss_lines *lines, const struct ss_verify *verify)
{
    struct row row = {.name = "ISS"};
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        word_seq(row.cells[SEEN + side], verify->sides[side].isn_known, verify, (enum ss_side)side,
                 verify->sides[side].isn);
    write_row(lines, &row);
}

/* What the other end has acknowledged: the oldest that is not. */
static void write_snd_una(struct ss_lines *lines, const struct ss_verify *verify)
{
    struct row row = {.name = "SND.UNA"};
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++) {
        const struct ss_verify_side *one = &verify->sides[side];
        const struct ss_verify_side *other = &verify->sides[1 - side];
        word_seq(row.cells[SEEN + side], other->ack_known || one->isn_known, verify,
                 (enum ss_side)side, other->ack_known ? other->ack : one->isn);
    }
    write_row(lines, &row);
}

static void write_snd_nxt(struct ss_lines *lines, const struct ss_player_tcb *tcb)
{
    struct row row = {.name = "SND.NXT"};
    word_seq(row.cells[OWN], tcb->snd_nxt_known, tcb->verify, SS_SIDE_A, tcb->snd_nxt);
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        word_seq(row.cells[SEEN + side], tcb->verify->sides[side].next_known, tcb->verify,
                 (enum ss_side)side, tcb->verify->sides[side].next);
    write_row(lines, &row);
}

/* As seen from outside: what it acknowledged last. */
static void write_rcv_nxt(struct ss_lines *lines, const struct ss_player_tcb *tcb)
{
    struct row row = {.name = "RCV.NXT"};
    word_seq(row.cells[OWN], tcb->rcv_nxt_known, tcb->verify, SS_SIDE_B, tcb->rcv_nxt);
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        word_seq(row.cells[SEEN + side], tcb->verify->sides[side].ack_known, tcb->verify,
                 (enum ss_side)(1 - side), tcb->verify->sides[side].ack);
    write_row(lines, &row);
}

/* Our own end's as in the header; what is seen in octets, up to the furthest edge offered. */
static void write_rcv_wnd(struct ss_lines *lines, const struct ss_player_tcb *tcb)
{
    struct row row = {.name = "RCV.WND"};
    snprintf(row.cells[OWN], CELL_SIZE, "%u", tcb->window);
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++) {
        const struct ss_verify_side *one = &tcb->verify->sides[side];
        if (one->edge_known && one->ack_known)
            snprintf(row.cells[SEEN + side], CELL_SIZE, "%" PRIu32,
                     ss_seq_distance(one->ack, one->edge));
        else if (one->window_known)
            snprintf(row.cells[SEEN + side], CELL_SIZE, "%u", one->window);
    }
    write_row(lines, &row);
}

static void write_offers(struct ss_lines *lines, const struct ss_verify *verify)
{
    struct row mss = {.name = "MSS"}, shift = {.name = "shift"};
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++) {
        const struct ss_verify_side *one = &verify->sides[side];
        if (one->syn_seen)
            snprintf(mss.cells[SEEN + side], CELL_SIZE, "%u", one->mss);
        if (one->shift_offered)
            snprintf(shift.cells[SEEN + side], CELL_SIZE, "%u", one->shift);
    }
    write_row(lines, &mss);
    write_row(lines, &shift);
}

static void write_fin(struct ss_lines *lines, const struct ss_verify *verify)
{
    struct row row = {.name = "FIN"};
    for (int side = SS_SIDE_A; side <= SS_SIDE_B; side++)
        word_seq(row.cells[SEEN + side], verify->sides[side].fin_known, verify, (enum ss_side)side,
                 verify->sides[side].fin);
    write_row(lines, &row);
}

void ss_inspect_tcb(struct ss_ladder *ladder, const struct ss_player_tcb *tcb)
{
    struct ss_lines *lines = &ladder->lines;
    ss_ladder_begin_block(ladder, false);
    write_heading(lines);
    write_states(lines, tcb->verify);
    write_isn(lines, tcb->verify);
    write_snd_una(lines, tcb->verify);
    write_snd_nxt(lines, tcb);
    write_rcv_nxt(lines, tcb);
    write_rcv_wnd(lines, tcb);
    write_offers(lines, tcb->verify);
    write_fin(lines, tcb->verify);
}

/* --- the peer ----------------------------------------------------------------------------------*/

/* What it says in the first column, what is seen of it in the second. */
enum { SAYS, AS_SEEN };

static void write_peer_state(struct ss_lines *lines, const struct ss_player_tcb *tcb,
                             const struct ss_far_answer *answer)
{
    struct row row = {.name = "state"};
    snprintf(row.cells[SAYS], CELL_SIZE, "%s",
             answer->state_known ? ss_tcp_state_text(answer->state) : "not known");
    snprintf(row.cells[AS_SEEN], CELL_SIZE, "%s",
             ss_tcp_state_text(tcb->verify->sides[SS_SIDE_B].state));
    write_row(lines, &row);
}

static void write_peer_numbers(struct ss_lines *lines, const struct ss_player_tcb *tcb,
                               const struct ss_far_answer *answer)
{
    const struct ss_verify *verify = tcb->verify;
    const struct ss_verify_side *peer = &verify->sides[SS_SIDE_B];
    struct row rcv_nxt = {.name = "rcv_nxt"}, write_seq = {.name = "write_seq"};
    word_seq(rcv_nxt.cells[SAYS], answer->numbers_known, verify, SS_SIDE_A, answer->rcv_nxt);
    word_seq(rcv_nxt.cells[AS_SEEN], peer->ack_known, verify, SS_SIDE_A, peer->ack);
    word_seq(write_seq.cells[SAYS], answer->numbers_known, verify, SS_SIDE_B, answer->write_seq);
    word_seq(write_seq.cells[AS_SEEN], peer->next_known, verify, SS_SIDE_B, peer->next);
    write_row(lines, &rcv_nxt);
    write_row(lines, &write_seq);
}

void ss_inspect_peer(struct ss_ladder *ladder, const struct ss_player_tcb *tcb,
                     const struct ss_far_answer *answer, bool kernel)
{
    struct ss_lines *lines = &ladder->lines;
    struct row waiting = {.name = "waiting"}, error = {.name = "error"};
    struct row heading = {.name = "", .cells = {"", SS_DIM "as seen"}};
    snprintf(heading.cells[SAYS], CELL_SIZE, SS_PEER "%s", kernel ? "its kernel" : "the model");
    snprintf(waiting.cells[SAYS], CELL_SIZE, "%zu octet%s to be read", answer->waiting,
             answer->waiting == 1 ? "" : "s");
    snprintf(error.cells[SAYS], CELL_SIZE, "%.30s", answer->error[0] ? answer->error : "none");
    ss_ladder_begin_block(ladder, false);
    write_row(lines, &heading);
    write_peer_state(lines, tcb, answer);
    write_peer_numbers(lines, tcb, answer);
    write_row(lines, &waiting);
    write_row(lines, &error);
}

void ss_inspect_headers(struct ss_ladder *ladder, const struct ss_event_segment *segment)
{
    ss_ladder_begin_block(ladder, false);
    ss_ladder_write_name(ladder, segment);
    ss_ladder_write_headers(ladder, segment);
}
