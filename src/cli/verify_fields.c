/*
 * verify_fields: the fields by name. What does not apply to a frame is empty, as in tshark -T
 * fields; a flag that is set is 1; times are seconds.
 */
#include "verify_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "synstep/words.h"

/* Those of any frame, of a segment, and of a connection's; after them the flags, one each. */
enum field {
    FIELD_FRAME,
    FIELD_TIME,
    FIELD_STREAM,
    FIELD_CONNECTION,
    FIELD_FLAGS,
    FIELD_VERDICTS,
    FIELD_SEQ,
    FIELD_ACK,
    FIELD_SEQ_SYMBOL,
    FIELD_ACK_SYMBOL,
    FIELD_LENGTH,
    FIELD_WINDOW,
    FIELD_DUPLICATE_ACK_COUNT,
    FIELD_DUPLICATE_ACK_FRAME,
    FIELD_RTO,
    FIELD_RTO_FRAME,
    FIELD_ACKS_FRAME,
    FIELD_ACK_RTT,
    FIELD_BYTES_IN_FLIGHT,
    FIELD_PUSH_BYTES_SENT,
    FIELD_COMPLETENESS,
    FIELD_INITIAL_RTT,
    FIELD_FIRST_FLAG,
    FIELDS = FIELD_FIRST_FLAG + SS_ANALYSIS_FLAGS,
};

static const char *const names[FIELD_FIRST_FLAG] = {
    [FIELD_FRAME] = "frame",
    [FIELD_TIME] = "time",
    [FIELD_STREAM] = "stream",
    [FIELD_CONNECTION] = "connection",
    [FIELD_FLAGS] = "flags",
    [FIELD_VERDICTS] = "verdicts",
    [FIELD_SEQ] = "seq",
    [FIELD_ACK] = "ack",
    [FIELD_SEQ_SYMBOL] = "seq_symbol",
    [FIELD_ACK_SYMBOL] = "ack_symbol",
    [FIELD_LENGTH] = "length",
    [FIELD_WINDOW] = "window",
    [FIELD_DUPLICATE_ACK_COUNT] = "duplicate_ack_count",
    [FIELD_DUPLICATE_ACK_FRAME] = "duplicate_ack_frame",
    [FIELD_RTO] = "rto",
    [FIELD_RTO_FRAME] = "rto_frame",
    [FIELD_ACKS_FRAME] = "acks_frame",
    [FIELD_ACK_RTT] = "ack_rtt",
    [FIELD_BYTES_IN_FLIGHT] = "bytes_in_flight",
    [FIELD_PUSH_BYTES_SENT] = "push_bytes_sent",
    [FIELD_COMPLETENESS] = "completeness",
    [FIELD_INITIAL_RTT] = "initial_rtt",
};

static const char *name_of(int field)
{
    return field < FIELD_FIRST_FLAG ? names[field]
                                    : ss_analysis_name((unsigned)(field - FIELD_FIRST_FLAG));
}

/* --- what was typed -----------------------------------------------------------------------------
 */

static void list_fields(void)
{
    for (int field = 0; field < FIELDS; field++)
        puts(name_of(field));
    exit(printed("verify", EXIT_SUCCESS));
}

static enum ss_status unknown_field(const char *name, struct ss_problem *problem)
{
    const char *all[FIELDS];
    for (int field = 0; field < FIELDS; field++)
        all[field] = name_of(field);
    const char *nearest = ss_words_nearest(name, all, FIELDS);
    return ss_problem_set(problem, SS_USAGE, "--fields: no field '%s'%s%s%s", name,
                          nearest ? "; did you mean " : "; --fields=list lists them",
                          nearest ? nearest : "", nearest ? "?" : "");
}

static enum ss_status read_field(const char *name, size_t length, struct verify_options *options,
                                 struct ss_problem *problem)
{
    char word[64];
    snprintf(word, sizeof(word), "%.*s", (int)(length < sizeof(word) ? length : sizeof(word)),
             name);
    for (int field = 0; field < FIELDS; field++)
        if (strcmp(name_of(field), word) == 0) {
            if (options->field_count == VERIFY_FIELDS_MAX)
                return ss_problem_set(problem, SS_USAGE, "--fields: more than %d are too many",
                                      VERIFY_FIELDS_MAX);
            options->fields[options->field_count++] = field;
            return SS_OK;
        }
    return unknown_field(word, problem);
}

enum ss_status verify_fields_read(const char *text, struct verify_options *options,
                                  struct ss_problem *problem)
{
    if (strcmp(text, "list") == 0)
        list_fields();
    for (;;) {
        size_t length = strcspn(text, ",");
        enum ss_status status = read_field(text, length, options, problem);
        if (status != SS_OK || text[length] == '\0')
            return status;
        text += length + 1;
    }
}

/* --- a row --------------------------------------------------------------------------------------
 */

static void print_seconds(uint64_t microseconds)
{
    printf("%" PRIu64 ".%06" PRIu64, microseconds / 1000000, microseconds % 1000000);
}

static void print_if(bool known, uint64_t number)
{
    if (known)
        printf("%" PRIu64, number);
}

static void print_flags(uint32_t flags)
{
    const char *between = "";
    for (unsigned bit = 0; bit < SS_ANALYSIS_FLAGS; bit++)
        if (flags & (1U << bit)) {
            printf("%s%s", between, ss_analysis_name(bit));
            between = ",";
        }
}

static void print_verdicts(const struct verify_options *options, const struct ss_verdicts *verdicts)
{
    const char *between = "";
    for (size_t i = 0; i < verdicts->count; i++)
        if (verify_tells(options, &verdicts->list[i])) {
            printf("%s%s", between, ss_rule_name(verdicts->list[i].rule));
            between = ",";
        }
}

static void print_symbol(const struct ss_flow_packet *taken, enum ss_side sender, struct ss_seq seq)
{
    char text[SS_SEQ_TEXT_SIZE];
    ss_verify_symbol(&taken->flow->verify, sender, seq, text);
    fputs(text, stdout);
}

/* Those that the header says. */
static void print_header(int field, const struct verify_seen *seen)
{
    const struct ss_packet *packet = seen->packet;
    bool ack = packet->tcp.flags & SS_TCP_ACK;
    switch (field) {
    case FIELD_SEQ:
        print_if(true, packet->tcp.seq.value);
        break;
    case FIELD_ACK:
        print_if(ack, packet->tcp.ack.value);
        break;
    case FIELD_SEQ_SYMBOL:
        print_symbol(seen->taken, seen->taken->from, packet->tcp.seq);
        break;
    case FIELD_ACK_SYMBOL:
        if (ack)
            print_symbol(seen->taken, ss_side_other(seen->taken->from), packet->tcp.ack);
        break;
    case FIELD_LENGTH:
        print_if(true, packet->payload_length);
        break;
    case FIELD_WINDOW:
        print_if(true, packet->tcp.window);
        break;
    default:
        break;
    }
}

/* Those that analysers say. */
static void print_analysis(int field, const struct ss_verify_analysis *analysis)
{
    switch (field) {
    case FIELD_DUPLICATE_ACK_COUNT:
        print_if(analysis->duplicate_ack_count, analysis->duplicate_ack_count);
        break;
    case FIELD_DUPLICATE_ACK_FRAME:
        print_if(analysis->duplicate_ack_frame, analysis->duplicate_ack_frame);
        break;
    case FIELD_RTO:
        if (analysis->rto_frame)
            print_seconds(analysis->rto_us);
        break;
    case FIELD_RTO_FRAME:
        print_if(analysis->rto_frame, analysis->rto_frame);
        break;
    case FIELD_ACKS_FRAME:
        print_if(analysis->acks_frame, analysis->acks_frame);
        break;
    case FIELD_ACK_RTT:
        if (analysis->acks_frame)
            print_seconds(analysis->ack_rtt_us);
        break;
    case FIELD_BYTES_IN_FLIGHT:
        print_if(analysis->bytes_in_flight, analysis->bytes_in_flight);
        break;
    case FIELD_PUSH_BYTES_SENT:
        print_if(analysis->push_bytes_sent, analysis->push_bytes_sent);
        break;
    case FIELD_COMPLETENESS:
        print_if(true, analysis->completeness);
        break;
    case FIELD_INITIAL_RTT:
        if (analysis->initial_rtt_us)
            print_seconds(analysis->initial_rtt_us);
        break;
    default:
        print_if(analysis->flags & (1U << (field - FIELD_FIRST_FLAG)), 1);
        break;
    }
}

static void print_field(int field, const struct verify_options *options,
                        const struct verify_seen *seen)
{
    const struct ss_flow_packet *taken = seen->taken;
    if (field == FIELD_FRAME)
        print_if(true, seen->frame->number);
    else if (field == FIELD_TIME)
        print_seconds(seen->frame->time_us);
    else if (!taken)
        return;
    else if (field == FIELD_STREAM)
        print_if(true, taken->flow->number - 1);
    else if (field == FIELD_CONNECTION)
        print_if(true, taken->flow->number);
    else if (field == FIELD_FLAGS)
        print_flags(taken->analysis.flags);
    else if (field == FIELD_VERDICTS)
        print_verdicts(options, &taken->verdicts);
    else if (field <= FIELD_WINDOW)
        print_header(field, seen);
    else
        print_analysis(field, &taken->analysis);
}

void verify_fields_print(const struct verify_options *options, const struct verify_seen *seen)
{
    for (int i = 0; i < options->field_count; i++) {
        if (i > 0)
            putchar('\t');
        print_field(options->fields[i], options, seen);
    }
    putchar('\n');
}
