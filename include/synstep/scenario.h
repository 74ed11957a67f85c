/*
 * scenario: a text in the textbook's notation -> immutable steps. The grammar stands in
 * synstep-scenario(5).
 *
 * Pure but for what it asks the caller's reader for (`include`, `file:`): the same text, the same
 * steps. All trouble is found before anything runs, and told with its place, several at a time.
 * `repeat` is unrolled and `include` followed here: steps stand in the order in which they run.
 */
#ifndef SYNSTEP_SCENARIO_H
#define SYNSTEP_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/ethernet.h"
#include "synstep/far.h"
#include "synstep/message.h"
#include "synstep/status.h"
#include "synstep/tcp.h"
#include "synstep/tcp_option.h"

enum {
    SS_SCENARIO_STEPS_MAX = 100000, /* after unrolling */
    SS_SCENARIO_NAMES_MAX = 256,
    SS_SCENARIO_TERMS_MAX = 8,
    SS_SCENARIO_FIELDS_MAX = 24,  /* given in one segment */
    SS_SCENARIO_OPTIONS_MAX = 40, /* TCP options in one segment */
    SS_SCENARIO_DIAGNOSTICS_MAX = 20,
    SS_SCENARIO_DEPTH_MAX = 16, /* of `include` and of `repeat` */
};

/* How long an expectation waits, unless it says. */
#define SS_SCENARIO_WITHIN_US UINT64_C(2000000)

/* Where a step stands; line and column count from 1, columns in octets. */
struct ss_place {
    const char *file; /* as the user wrote it; owned by the scenario */
    unsigned line;
    unsigned column;
};

/* constant + sum of factor * name, all modulo 2^32. `names` are indices of ss_scenario.names. */
struct ss_expression {
    uint32_t constant;
    size_t term_count;
    struct {
        uint16_t name;
        uint32_t factor; /* 2^32-1 is -1 */
    } terms[SS_SCENARIO_TERMS_MAX];
};

/* A value to send or to match. */
struct ss_value {
    enum {
        SS_VALUE_EQUAL,   /* low */
        SS_VALUE_RANGE,   /* low..high, going forward; only to match */
        SS_VALUE_BIND,    /* a name not known yet: low.terms[0].name is to become what is there */
        SS_VALUE_ANY,     /* *; only to match */
        SS_VALUE_ADDRESS, /* address */
        SS_VALUE_CARD,    /* card: an Ethernet address */
    } kind;
    struct ss_expression low;
    struct ss_expression high;
    struct ss_address address;
    uint8_t card[SS_ETHERNET_ADDRESS_BYTES];
};

/*
 * Header fields by their names in the language. Those of ip. and ip6. only concern segments of
 * that version; TTL and TOS are hop limit and traffic class on IPv6.
 */
enum ss_field {
    SS_FIELD_SOURCE,      /* source       the IP address */
    SS_FIELD_DESTINATION, /* destination */
    SS_FIELD_TTL,         /* ttl (hop) */
    SS_FIELD_TOS,         /* tos (class) */
    SS_FIELD_IP_VERSION,  /* ip.version */
    SS_FIELD_IP_IHL,      /* ip.ihl       32-bit words */
    SS_FIELD_IP_LENGTH,   /* ip.length */
    SS_FIELD_IP_ID,       /* ip.id */
    SS_FIELD_IP_RF,       /* ip.rf        the reserved flag */
    SS_FIELD_IP_DF,       /* ip.df */
    SS_FIELD_IP_MF,       /* ip.mf */
    SS_FIELD_IP_OFFSET,   /* ip.offset    of the fragment, 8 octets each */
    SS_FIELD_IP_PROTOCOL, /* ip.protocol */
    SS_FIELD_IP_CHECKSUM, /* ip.checksum */
    SS_FIELD_IP6_VERSION, /* ip6.version */
    SS_FIELD_IP6_FLOW,    /* ip6.flow */
    SS_FIELD_IP6_LENGTH,  /* ip6.length */
    SS_FIELD_IP6_NEXT,    /* ip6.next */
    SS_FIELD_SPORT,       /* sport */
    SS_FIELD_DPORT,       /* dport */
    SS_FIELD_SEQ,         /* seq */
    SS_FIELD_ACK,         /* ack */
    SS_FIELD_OFFSET,      /* offset       the data offset, 32-bit words */
    SS_FIELD_RESERVED,    /* reserved */
    SS_FIELD_WINDOW,      /* window (win) as in the header, unscaled */
    SS_FIELD_CHECKSUM,    /* checksum */
    SS_FIELD_URGENT,      /* urgent */
};

enum { SS_FIELDS = SS_FIELD_URGENT + 1 };

/* The field's name in the language, static storage; how many bits it has (0: an address). */
const char *ss_field_text(enum ss_field field);
unsigned ss_field_bits(enum ss_field field);

/* What the field of a received TCP segment says, false when its version has no such field. */
struct ss_packet;
bool ss_field_read(const struct ss_packet *packet, enum ss_field field, uint32_t *value);

struct ss_field_value {
    enum ss_field field;
    struct ss_value value;
    struct ss_place place;
};

/*
 * A field of a UDP, ICMP, IGMP or ARP header, by its name in the table of `layer`, or of the
 * Ethernet header before ARP as "ether.dst": static storage.
 */
struct ss_header_value {
    const char *name;
    struct ss_value value;
    struct ss_place place;
};

/* A TCP option to send, in this order, or to find. */
struct ss_option_value {
    enum {
        SS_OPTION_PRESENT, /* to match: it is there, whatever it says ("mss") */
        SS_OPTION_ABSENT,  /* to match: it is not there ("no mss") */
        SS_OPTION_VALUE,   /* "mss=1460", "sackok", "ts=1,0", "sack=K+1..K+9", "nop", "eol" */
        SS_OPTION_RAW,     /* "opt=254:0a0b": kind and data */
    } form;
    uint8_t kind;             /* enum ss_tcp_option_kind, or any for RAW */
    struct ss_value value[2]; /* MSS, shift: [0]; timestamps: TSval and TSecr */
    size_t block_count;       /* SACK: each a range */
    struct ss_value blocks[SS_TCP_SACK_BLOCKS_MAX];
    uint8_t raw[SS_TCP_OPTIONS_BYTES_MAX];
    size_t raw_length;
    struct ss_place place;
};

/* What a segment, a send or a read carries. */
struct ss_payload {
    enum {
        SS_PAYLOAD_NONE,   /* nothing said: none */
        SS_PAYLOAD_OCTETS, /* "text", hex:0a0b, file:NAME: owned by the scenario */
        SS_PAYLOAD_SIZE,   /* size N: so many octets, of ss_payload_octet when sent */
        SS_PAYLOAD_ANY,    /* size *: only to match */
    } kind;
    const uint8_t *octets;
    size_t length;
};

/* The octet at `offset` of a payload given by its size: letters, so that a capture can be read. */
static inline uint8_t ss_payload_octet(size_t offset)
{
    return (uint8_t)('a' + offset % 26);
}

/* Harm done to a segment on purpose; bits of ss_segment_step.corrupt. */
enum ss_corruption {
    SS_CORRUPT_TCP_CHECKSUM = 1 << 0, /* corrupt=tcp.checksum, udp.checksum, …: what IP carries */
    SS_CORRUPT_IP_CHECKSUM = 1 << 1,  /* corrupt=ip.checksum */
};

/* A segment to send or to expect, or a message of another protocol: that has no flags and options.
 */
struct ss_segment_step {
    enum ss_protocol protocol;
    const struct ss_message_type *type; /* of ICMP, IGMP, ARP; NULL: left to type=, code=, op= */
    size_t header_count;
    struct ss_header_value *headers;
    uint8_t flags;    /* matched exactly */
    bool flags_given; /* always, but for a `fields_only` that leaves them as they are */
    size_t field_count;
    struct ss_field_value *fields; /* of a message: those of IP */
    bool no_options;               /* "no options": to match: there is none at all */
    size_t option_count;
    struct ss_option_value *options;
    struct ss_payload payload;
    uint32_t corrupt;
    uint64_t within_us; /* expectations: how long to wait */
    bool after_given;   /* "after 1s": it must come so long after the step before was done… */
    uint64_t after_us;
    uint64_t after_tolerance_us; /* …give or take this ("after 1s +-10ms"); judged only on the
                                    simulated wire, where time is exact */
};

/* What a `peer` statement does or demands. */
struct ss_peer_step {
    enum {
        SS_PEER_COMMAND,          /* command, until it is done or `within_us` is over */
        SS_PEER_EXPECT_STATE,     /* state */
        SS_PEER_EXPECT_READ,      /* payload: these are the next octets it reads */
        SS_PEER_EXPECT_DATAGRAM,  /* payload: this is the next datagram that it receives */
        SS_PEER_EXPECT_END,       /* its next read finds the end of the stream */
        SS_PEER_EXPECT_ERROR,     /* error: "ECONNRESET" */
        SS_PEER_EXPECT_RCV_NXT,   /* number: what its kernel believes */
        SS_PEER_EXPECT_WRITE_SEQ, /* number */
    } kind;
    struct ss_far_command command;
    struct ss_payload payload; /* of a send, too: command.octets is filled in when it runs */
    enum ss_tcp_state state;
    struct ss_address group; /* of a join or leave: command.text names it */
    const char *error;
    struct ss_value number;
    uint64_t within_us;
};

enum ss_step_kind {
    SS_STEP_SEND,            /* >  segment */
    SS_STEP_EXPECT,          /* <  segment: the next that arrives is this one */
    SS_STEP_EXPECT_OPTIONAL, /* <? it may come before the next one expected, or not */
    SS_STEP_EXPECT_SKIPPING, /* <* others may come before it */
    SS_STEP_EXPECT_NOT,      /* <! none like it comes within_us */
    SS_STEP_GROUP, /* { }: the next `count` steps (EXPECT, EXPECT_OPTIONAL) in any order */
    SS_STEP_LET,   /* name becomes value, or random */
    SS_STEP_PEER,  /* peer */
    SS_STEP_WAIT,  /* duration_us */
    SS_STEP_HARM,  /* the next frame that leaves or arrives is dropped, … */
    SS_STEP_SET,   /* a variable of our own end becomes value */
};

enum ss_harm {
    SS_HARM_DROP,
    SS_HARM_DUPLICATE,
    SS_HARM_DELAY, /* by duration_us */
};

enum ss_own_variable {
    SS_OWN_SND_NXT, /* the seq that a segment gets when none is given */
    SS_OWN_RCV_NXT, /* the ack */
    SS_OWN_WINDOW,  /* the window, as in the header */
};

struct ss_step {
    enum ss_step_kind kind;
    struct ss_place place;
    const char *text; /* the statement as written, without comment and indentation; one line */
    union {
        struct ss_segment_step segment;
        struct ss_peer_step peer;
        size_t count;
        uint64_t duration_us;
        struct {
            uint16_t name;
            bool random;
            struct ss_expression value;
        } let;
        struct {
            enum ss_harm kind;
            bool incoming;
            uint64_t duration_us;
        } harm;
        struct {
            enum ss_own_variable variable;
            struct ss_expression value;
        } set;
    };
};

/* Which far end and which IP version a scenario makes sense for ("only live", "only ipv4"). */
struct ss_scenario_needs {
    bool live;       /* a real kernel: not over the simulated wire */
    bool simulated;  /* the simulated wire only */
    uint8_t version; /* 4, 6, or 0: both */
};

struct ss_scenario {
    const char *title; /* "" when none is given */
    struct ss_scenario_needs needs;
    bool drives_peer; /* it says what the peer does (listen, connect, …): else the peer echoes */
    bool speaks_of[SS_PROTOCOLS]; /* by its > and < */
    const struct ss_step *steps;
    size_t step_count;
    const char *const *names;
    size_t name_count;
    void *memory; /* the parser's: what all of the above lies in */
};

/* "--param name=value": replaces the default of `param name`. */
struct ss_scenario_param {
    const char *name;
    const char *value; /* an expression of numbers, or "random" */
};

/* Who gives the octets of an included file; SS_UNREADABLE with the reason in `problem`. */
struct ss_scenario_reader {
    void *context;
    /* `path` is resolved against the file that names it. `*octets` is malloc'ed, the parser's. */
    enum ss_status (*read)(void *context, const char *path, uint8_t **octets, size_t *length,
                           struct ss_problem *problem);
};

struct ss_scenario_source {
    const char *file; /* how the text is called in diagnostics, and where paths start from */
    const char *text; /* UTF-8, need not end in a zero */
    size_t length;
    const struct ss_scenario_param *params;
    size_t param_count;
    struct ss_scenario_reader reader;
};

/* One thing that is wrong. */
struct ss_diagnostic {
    char file[256];
    unsigned line;
    unsigned column;
    unsigned width;    /* of the place, in columns; at least 1 */
    char text[256];    /* what was expected, and the nearest right word */
    char source[200];  /* the line, made printable, cut */
    unsigned caret_at; /* column of the caret in `source`, counted from 0 */
};

struct ss_diagnostics {
    size_t count; /* of `list`; more may have been found */
    size_t found;
    struct ss_diagnostic list[SS_SCENARIO_DIAGNOSTICS_MAX];
};

/*
 * Reads a scenario. SS_OK with `*scenario`, to be freed; SS_USAGE with at least one diagnostic;
 * SS_UNREADABLE when an included file cannot be read (told as a diagnostic, too); SS_IO when out
 * of memory.
 */
enum ss_status ss_scenario_parse(const struct ss_scenario_source *source,
                                 struct ss_scenario **scenario, struct ss_diagnostics *diagnostics);

/* NULL is fine. */
void ss_scenario_free(struct ss_scenario *scenario);

/*
 * "FILE:3:9: no flag 'SYNN'; did you mean SYN?", the line and a caret under the place, each on a
 * line of its own. At most `size` octets, always terminated; returns the length.
 */
size_t ss_diagnostic_format(const struct ss_diagnostic *diagnostic, char *text, size_t size);

/*
 * One statement by itself, as the stepping prompt takes it ("> RST seq=K+1", "seq=J+2 ttl=1" with
 * `fields_only`). Names are those of `scenario`; all of them are taken as known. The step borrows
 * from `*extra`, a scenario that holds what belongs to it.
 */
enum ss_status ss_scenario_parse_step(const struct ss_scenario *scenario, const char *text,
                                      bool fields_only, struct ss_scenario **extra,
                                      struct ss_diagnostics *diagnostics);

#endif
