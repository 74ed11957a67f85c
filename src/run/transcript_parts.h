/*
 * transcript_parts: what the transcript's files share. Private to src/run.
 *
 * "Ours" is what the crafted end sent, "theirs" what its peer did.
 */
#ifndef SYNSTEP_RUN_TRANSCRIPT_PARTS_H
#define SYNSTEP_RUN_TRANSCRIPT_PARTS_H

#include "own_end.h"
#include "synstep/scenario.h"
#include "synstep/transcript.h"

enum { NOTES_MAX = 6 };

/* A segment of the connection, and what was found out about it. */
struct segment {
    uint64_t frame;
    uint64_t time_us;
    bool ours;
    struct ss_packet packet; /* a view of `octets` */
    uint32_t payload_length; /* as the datagram's length has it, even where the capture cut it */
    uint32_t length;         /* SEG.LEN */
    size_t note_count;
    const char *notes[NOTES_MAX]; /* names of verify's rules */

    /* transcript_losses.c */
    bool lost;         /* ours: the peer did not get it */
    uint64_t again_in; /* … and in which frame it was sent again; 0: in none */
    bool optional;     /* theirs: a replay may not see it */
    bool asked;        /* theirs: sent again because our SYN came again */
    enum {
        GAP_NONE,
        GAP_DROPPED, /* theirs: what should have come before was lost, and sent again */
        GAP_DELAYED, /* … came later, out of order */
        GAP_UNSEEN,  /* … is not in the capture */
    } gap;
    uint32_t gap_octets;
    uint64_t gap_us; /* how much later it came */

    uint8_t octets[];
};

struct ss_transcript {
    const char *file;
    uint32_t connection; /* its number */
    struct ss_socket_address ends[2];
    bool late;
    enum ss_side crafted;
    struct segment **segments;
    size_t count;
    size_t room;
};

static inline bool has_flag(const struct segment *segment, uint8_t flag)
{
    return segment->packet.tcp.flags & flag;
}

/* The number after its last. */
static inline struct ss_seq end_of(const struct segment *segment)
{
    return ss_seq_add(segment->packet.tcp.seq, segment->length);
}

static inline struct ss_seq payload_start(const struct segment *segment)
{
    return ss_seq_add(segment->packet.tcp.seq, has_flag(segment, SS_TCP_SYN) ? 1 : 0);
}

static inline struct ss_seq payload_end(const struct segment *segment)
{
    return ss_seq_add(payload_start(segment), segment->payload_length);
}

/* Nothing but an acknowledgment. */
static inline bool is_pure_ack(const struct segment *segment)
{
    return segment->packet.tcp.flags == SS_TCP_ACK && segment->payload_length == 0;
}

static inline bool is_damaged(const struct segment *segment)
{
    return segment->packet.transport_checksum == SS_CHECKSUM_BAD;
}

/* Whether verify said so of it. */
bool has_note(const struct segment *segment, const char *name);

/* --- transcript_losses.c: what must have been lost on its way ----------------------------------
 */

void find_losses(struct ss_transcript *transcript);

/* --- transcript_write.c ------------------------------------------------------------------------
 */

/* All the lines after the head. */
struct writing;
void write_segments(struct writing *writing);

/* What the numbers of one end's stream are called. */
struct letters {
    char isn_letter;
    char fin_letter;
    bool isn_bound; /* the scenario knows it by now */
    bool fin_bound;
    struct ss_seq isn;
    struct ss_seq fin;
};

enum { ACKS_MAX = 16 };

/* Numbers that the peer may acknowledge by themselves. */
struct acks {
    size_t count;
    struct ss_seq list[ACKS_MAX];
    bool more; /* than the list holds */
};

/* The peer's program, as far as the scenario moves it. */
struct application {
    bool driven;
    bool opens;     /* it is the one that connects */
    bool connected; /* there is a connection to send on and read from */
    bool over;      /* closed or reset */
    bool shut;
    uint32_t read; /* octets */
    bool has_written;
    struct ss_seq written; /* the number after what it was told to send */
};

/* A part of a segment's payload, with the flags and the number that it leaves with. */
struct piece {
    uint32_t offset;
    uint32_t length;
    uint8_t flags;
    struct ss_seq seq;
    bool last;
};

struct writing {
    const struct ss_transcript *transcript;
    FILE *out;
    size_t steps;
    size_t index; /* of the segment that is being written */
    struct letters ours;
    struct letters theirs;
    bool has_clock; /* ours sends timestamps: S */
    uint32_t clock;
    bool has_their_clock; /* T is bound */
    uint16_t window;      /* that the player sends */
    uint32_t path_mss;    /* what the private hosts' link carries in one segment */
    uint32_t mss;         /* what theirs may send in one */
    struct own_end own;   /* as the player will have it */
    struct own_end peer;  /* what of ours has reached it */
    const struct segment *last_of_ours;
    bool has_shown;
    struct ss_seq shown; /* the number after the last of theirs */
    struct piece last_of_theirs;
    bool is_probe_told;
    unsigned unacknowledged; /* theirs, since our last acknowledgment */
    bool disturbed;          /* something was lost or came twice: their window is anybody's guess */
    struct acks sent;        /* by us since the last expectation that must be met */
    struct acks optional;    /* expected as such since then */
    bool is_acked_known;
    struct ss_seq acked; /* by the last expectation that must be met */
    struct application application;
};

/* Writes one line, a statement of the scenario. */
void write_step(struct writing *writing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A number as the scenario calls it by now. */
const char *number_text(const struct letters *letters, struct ss_seq number,
                        char text[SS_SEQ_TEXT_SIZE]);

enum { DURATION_TEXT_SIZE = 24 };
const char *duration_text(uint64_t us, char text[DURATION_TEXT_SIZE]);

/* --- transcript_segment.c ----------------------------------------------------------------------
 */

/* The piece after `before`, or the first when that is NULL. */
struct piece next_piece(const struct writing *writing, const struct segment *segment,
                        const struct piece *before);

void write_our_piece(struct writing *writing, const struct segment *segment,
                     const struct piece *piece);

/* `sign`: "<", "<?" or "<*". `within_us`: 0 for the usual. */
void write_their_piece(struct writing *writing, const struct segment *segment,
                       const struct piece *piece, const char *sign, uint64_t within_us);

/* --- transcript_acks.c -------------------------------------------------------------------------
 */

/* Of ours, `number` has reached the peer, which may acknowledge it by itself. */
void acks_note_sent(struct writing *writing, struct ss_seq number);
bool acks_awaited(const struct writing *writing, struct ss_seq number);
/* Takes note of what may come and acknowledges `number`; false when there is too much already. */
bool acks_may_come(struct writing *writing, struct ss_seq number);
/* An acknowledgment that may come by itself. */
void write_optional(struct writing *writing, struct ss_seq ack);
/* Before `next`, which must come; returns its sign. */
const char *write_possible(struct writing *writing, const struct segment *next);
/* What must come has come, and acknowledges that. */
void acks_settle(struct writing *writing, struct ss_seq ack);
/* Waits until what has been sent is acknowledged, if it is so many segments. */
void write_synchronization(struct writing *writing, size_t least);
/* Before more of theirs: acknowledges what has come, if that is so many pieces, or as many as a
 * kernel sends at once. */
void write_pacing(struct writing *writing, unsigned most);
/* Before something that takes time: the last of what is unacknowledged may come again (RFC 8985
 * section 7: a tail loss probe, after two ticks of the kernel's clock). */
void write_probe(struct writing *writing);

/* --- transcript_options.c ----------------------------------------------------------------------
 */

void write_options_sent(struct writing *writing, const struct segment *segment);
/* Of an acknowledgment that the capture does not have: its clocks, when there are any. */
void write_options_made(struct writing *writing);
void write_options_expected(struct writing *writing, const struct segment *segment);

/* --- transcript_payload.c ----------------------------------------------------------------------
 */

/* With a space before it. NULL: octets that are not known. */
void write_payload(FILE *out, const uint8_t *octets, size_t length);

/* --- transcript_peer.c -------------------------------------------------------------------------
 */

/* Looks through it all: whether the usual peer, an echo server, would have done the same. */
struct application application_of(const struct ss_transcript *transcript);
void application_begin(struct writing *writing);
/* After a segment of ours; before one of theirs, the one at `index`. */
void application_hears(struct writing *writing, const struct segment *segment);
void application_speaks(struct writing *writing, size_t index);
/* Whether it has been told to send these octets; else it is told. */
bool application_has(struct writing *writing, const struct piece *piece);
void application_sends(struct writing *writing, size_t index, const struct piece *piece);
/* Reads all up to what is acknowledged by `ack`. */
void application_reads(struct writing *writing, struct ss_seq ack);

/* --- transcript_message.c ----------------------------------------------------------------------
 */

/* The next that it sends, of which the segment at `index` holds something, up to `most` at the
 * most; true when a FIN is to leave with it. */
bool write_message(struct writing *writing, size_t index, struct ss_seq most);

#endif
