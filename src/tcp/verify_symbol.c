/*
 * verify_symbol: a stream's numbers in the textbook's letters.
 */
#include "verify_internal.h"

/* Writes `name`, then a sign and `count` unless that is 0. */
static void write_symbol(char text[SS_SEQ_TEXT_SIZE], char name, char sign, uint64_t count)
{
    char digits[20]; /* 2^64 - 1 has 20 */
    size_t length = 0;
    size_t at = 0;
    for (; count > 0; count /= 10)
        digits[length++] = (char)('0' + count % 10);
    if (name)
        text[at++] = name;
    if (name && length > 0)
        text[at++] = sign;
    if (!name && length == 0)
        text[at++] = '0';
    while (length > 0)
        text[at++] = digits[--length];
    text[at] = '\0';
}

/* Once the FIN is known: whether `seq` is its number or after. */
static bool from_fin_on(const struct ss_verify_side *side, struct ss_seq seq)
{
    return side->fin_known && ss_seq_at_or_after(seq, side->fin);
}

/*
 * Numbers are counted from SND.NXT back or forth, in 64 bits, so that the letter stays right
 * however often the stream goes around 2^32.
 */
static void write_from_isn(char text[SS_SEQ_TEXT_SIZE], const struct ss_verify_side *side,
                           char letter, struct ss_seq seq)
{
    uint32_t back = ss_seq_distance(seq, side->next);
    if (ss_seq_after(seq, side->next))
        write_symbol(text, letter, '+', side->sent + ss_seq_distance(side->next, seq));
    else if (back <= side->sent)
        write_symbol(text, letter, '+', side->sent - back);
    else
        write_symbol(text, letter, '-', back - side->sent);
}

void ss_verify_symbol(const struct ss_verify *verify, enum ss_side sender, struct ss_seq seq,
                      char text[SS_SEQ_TEXT_SIZE])
{
    const struct ss_verify_side *side = &verify->sides[sender];
    bool is_a = sender == SS_SIDE_A;
    if (from_fin_on(side, seq))
        write_symbol(text, is_a ? 'M' : 'N', '+', ss_seq_distance(side->fin, seq));
    else if (side->isn_known)
        write_from_isn(text, side, is_a ? 'J' : 'K', seq);
    else
        write_symbol(text, '\0', '+', seq.value);
}
