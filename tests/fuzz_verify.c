/*
 * fuzz_verify: any octets as a capture file, judged as `synstep verify` does it: file in, verdicts
 * out. Aborts when something leaves its bounds, and when the same packets are judged otherwise
 *   - with the checks that held asked for, which takes the long way through verify,
 *   - with another number added to all that each end's stream is numbered by.
 *
 * Built with -DFUZZ_WITH_LIBFUZZER it is a libFuzzer target; tests/captures are its seeds:
 *
 *     clang -g -O2 -std=gnu17 -D_GNU_SOURCE= -DFUZZ_WITH_LIBFUZZER -Iinclude \
 *         -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
 *         tests/fuzz_verify.c src/base/[a-z]*.c src/proto/[a-z]*.c src/tcp/verify*.c \
 *         src/run/flow*.c src/run/connections.c src/show/verdict_words.c src/wire/capture_file.c \
 *         src/wire/capture_[gps]*.c src/wire/fragments.c src/wire/unwrap.c -lz -lm -o fuzz_verify
 *     mkdir CORPUS && ./fuzz_verify -max_len=2048 -entropic=0 CORPUS tests/captures
 *
 * Built plainly, its own main runs the files that are named, or, by `make check`, those of
 * tests/captures, whole and changed at random.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz_mutator.h"
#include "packet_bounds.h"
#include "synstep/flows.h"
#include "synstep/unwrap.h"
#include "synstep/verdict_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMES_MAX = 2000 };

#define must(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "frame %u: not so: %s\n", (unsigned)running.frame, #condition);        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The same packets in three ways. */
enum way { PLAIN, HELD, MOVED, WAYS };

/* One file under way. */
static struct {
    struct ss_flows *flows[WAYS];
    struct ss_fragments *fragments;
    uint64_t told[WAYS];
    uint32_t moves[2]; /* added to the numbers of the lower end's stream, and of the other's */
    bool moves_known;
    bool lossy;
    uint64_t frame;
    uint32_t seed; /* of what is not in the file */
} running;

/* --- bounds -------------------------------------------------------------------------------------
 */

static void require_verdict(const struct ss_verdict *verdict)
{
    size_t rules;
    must((unsigned)verdict->rule < SS_RULES);
    must(verdict->level <= ss_verify_rules(&rules)[verdict->rule].level);
    must((unsigned)verdict->numbers <= SS_NUMBERS_CHECKSUM);
}

static bool is_set(const struct ss_verify_analysis *analysis, uint32_t flags)
{
    return analysis->flags & flags;
}

static void require_analysis(const struct ss_verify_analysis *analysis)
{
    const uint32_t again = SS_ANALYSIS_RETRANSMISSION | SS_ANALYSIS_OUT_OF_ORDER |
                           SS_ANALYSIS_FAST_RETRANSMISSION | SS_ANALYSIS_SPURIOUS_RETRANSMISSION;
    uint32_t one_of = analysis->flags & again;
    must(analysis->flags >> SS_ANALYSIS_FLAGS == 0);
    must((one_of & (one_of - 1)) == 0);
    must(is_set(analysis, SS_ANALYSIS_DUPLICATE_ACK) == (analysis->duplicate_ack_count > 0));
    must(analysis->duplicate_ack_frame < running.frame);
    must(analysis->rto_frame < running.frame && analysis->acks_frame < running.frame);
    must(analysis->repeats_frame < running.frame);
    must(!is_set(analysis, SS_ANALYSIS_LOST_SEGMENT) || !is_set(analysis, again));
    must(!is_set(analysis, SS_ANALYSIS_OVERLAP_CONFLICT) || is_set(analysis, SS_ANALYSIS_OVERLAP));
    must(analysis->completeness < 64);
}

static void require_texts(const struct ss_flow_packet *taken, const struct ss_verdict *verdict)
{
    struct ss_verdict_words words;
    char texts[2][SS_SEQ_TEXT_SIZE] = {"", ""};
    bool a = verdict->numbers == SS_NUMBERS_SEQ_A;
    if (a || verdict->numbers == SS_NUMBERS_SEQ_B) {
        enum ss_side sender = a ? SS_SIDE_A : SS_SIDE_B;
        const struct ss_verify *verify = &taken->flow->verify;
        ss_verify_symbol(verify, sender, ss_seq_from(verdict->expected), texts[0]);
        ss_verify_symbol(verify, sender, ss_seq_from(verdict->actual), texts[1]);
    }
    must(strlen(texts[0]) < sizeof(texts[0]) && strlen(texts[1]) < sizeof(texts[1]));
    ss_verdict_words_write(&words, verdict, texts[0], texts[1]);
    must(strlen(words.expected) < sizeof(words.expected));
    must(strlen(words.actual) < sizeof(words.actual));
    must(ss_rule_meaning(verdict->rule)[0] && ss_rule_clause(verdict->rule)[0]);
}

static void require_flow(const struct ss_flow *flow)
{
    must(flow->live && flow->number > 0);
    for (int i = 0; i < 2; i++) {
        const struct ss_verify_side *side = &flow->verify.sides[i];
        must(ss_flow_unique_bytes(flow, (enum ss_side)i) <= side->sent);
        must(flow->sides[i].segment_min <= flow->sides[i].segment_max);
        must(side->state < SS_TCP_STATES);
    }
    must(ss_connection_end_text(ss_flow_end(flow)) != NULL);
}

static void require_taken(enum way way, const struct ss_flow_packet *taken)
{
    must(taken->verdicts.count <= SS_VERDICTS_MAX);
    for (size_t i = 0; i < taken->verdicts.count; i++) {
        require_verdict(&taken->verdicts.list[i]);
        if (way == PLAIN && taken->verdicts.list[i].level > SS_VERDICT_HELD)
            require_texts(taken, &taken->verdicts.list[i]);
    }
    require_analysis(&taken->analysis);
    require_flow(taken->flow);
}

/* --- the same again -----------------------------------------------------------------------------
 */

/* A RST to a closed port has the number 0 wherever the others are (RFC 9293 section 3.10.7.1). */
static bool is_absolute(const struct ss_verdict *verdict)
{
    return verdict->rule == SS_RULE_REFUSAL_SEQ_NOT_0;
}

/* The next verdict from `i` on that is more than held. */
static size_t skip_held(const struct ss_verdicts *verdicts, size_t i)
{
    while (i < verdicts->count &&
           (verdicts->list[i].level == SS_VERDICT_HELD || is_absolute(&verdicts->list[i])))
        i++;
    return i;
}

/* What was added to a verdict's numbers; `moves` by side. */
static uint32_t move_of(const struct ss_verdict *verdict, const uint32_t moves[2])
{
    return verdict->numbers == SS_NUMBERS_SEQ_A   ? moves[SS_SIDE_A]
           : verdict->numbers == SS_NUMBERS_SEQ_B ? moves[SS_SIDE_B]
                                                  : 0;
}

static bool is_same_verdict(const struct ss_verdict *one, const struct ss_verdict *other,
                            const uint32_t moves[2])
{
    return one->rule == other->rule && one->level == other->level &&
           one->numbers == other->numbers &&
           one->expected + move_of(one, moves) == other->expected &&
           one->actual + move_of(one, moves) == other->actual;
}

static bool is_same_list(const struct ss_verdicts *a, const struct ss_verdicts *b,
                         const uint32_t moves[2])
{
    size_t i = skip_held(a, 0), n = skip_held(b, 0);
    while (i < a->count && n < b->count) {
        if (!is_same_verdict(&a->list[i], &b->list[n], moves))
            return false;
        i = skip_held(a, i + 1);
        n = skip_held(b, n + 1);
    }
    return i == a->count && n == b->count;
}

static void tell(const struct ss_flow_packet *taken)
{
    fprintf(stderr, "connection %u, from %d, flags %x:", (unsigned)taken->flow->number,
            (int)taken->from, (unsigned)taken->analysis.flags);
    for (size_t i = 0; i < taken->verdicts.count; i++)
        fprintf(stderr, " %s(%d %u %u)", ss_rule_name(taken->verdicts.list[i].rule),
                (int)taken->verdicts.list[i].level, (unsigned)taken->verdicts.list[i].expected,
                (unsigned)taken->verdicts.list[i].actual);
    fputc('\n', stderr);
}

/* What is last in a full list is not there. */
static void require_same(const struct ss_flow_packet *one, const struct ss_flow_packet *other,
                         const uint32_t moves[2])
{
    const struct ss_verdicts *a = &one->verdicts, *b = &other->verdicts;
    bool full = a->count == SS_VERDICTS_MAX || b->count == SS_VERDICTS_MAX;
    bool same_verdicts = full || is_same_list(a, b, moves);
    bool same_analysis = memcmp(&one->analysis, &other->analysis, sizeof(one->analysis)) == 0;
    if (!same_verdicts || !same_analysis) {
        fprintf(stderr, "moved by %u and %u\n", (unsigned)moves[0], (unsigned)moves[1]);
        tell(one);
        tell(other);
    }
    must(same_verdicts);
    must(same_analysis);
    must(one->flow->number == other->flow->number && one->from == other->from);
}

/* Whether the first end is the lower one: the same in both directions. */
static bool is_lower(const struct ss_address *a, uint16_t a_port, const struct ss_address *b,
                     uint16_t b_port)
{
    int order = memcmp(a->octets, b->octets, sizeof(a->octets));
    return order < 0 || (order == 0 && a_port <= b_port);
}

/* So that the first numbers, or those right beside them, come to lie on 0; or anywhere. */
static void choose_moves(const struct ss_packet *packet, bool lower)
{
    uint32_t random = running.seed * UINT32_C(2654435761);
    running.moves_known = true;
    running.moves[0] = random;
    running.moves[1] = random * UINT32_C(40503) + 77;
    if (random >> 31)
        return;
    running.moves[!lower] = (random >> 16) % 16 - packet->tcp.seq.value - 12;
    running.moves[lower] = (random >> 20) % 16 - packet->tcp.ack.value - 12;
}

static struct ss_packet moved(const struct ss_packet *packet, uint32_t own, uint32_t others)
{
    struct ss_packet copy = *packet;
    copy.tcp.seq = ss_seq_add(packet->tcp.seq, own);
    copy.tcp.ack = ss_seq_add(packet->tcp.ack, others);
    for (size_t i = 0; i < packet->options.sack_count; i++) {
        copy.options.sack[i].left = ss_seq_add(packet->options.sack[i].left, others);
        copy.options.sack[i].right = ss_seq_add(packet->options.sack[i].right, others);
    }
    return copy;
}

/* --- a file -------------------------------------------------------------------------------------
 */

static struct ss_flow_packet take(enum way way, const struct ss_packet *packet, uint64_t time_us,
                                  uint32_t wishes)
{
    struct ss_flow_packet taken;
    wishes |= running.lossy ? SS_WISH_LOSSY : 0U;
    must(ss_flows_take(running.flows[way], packet, running.frame, time_us, wishes, &taken) ==
         SS_OK);
    require_taken(way, &taken);
    return taken;
}

/* Of an end that speaks with itself, who is A is anybody's guess: both move alike. */
static void choose_own(const struct ss_packet *packet, uint32_t own[2])
{
    bool lower = is_lower(&packet->source, packet->tcp.source_port, &packet->destination,
                          packet->tcp.destination_port);
    bool self = lower && is_lower(&packet->destination, packet->tcp.destination_port,
                                  &packet->source, packet->tcp.source_port);
    if (!running.moves_known)
        choose_moves(packet, lower);
    own[0] = running.moves[!lower];
    own[1] = self ? own[0] : running.moves[lower];
}

static void take_segment(const struct ss_packet *packet, uint64_t time_us, uint32_t wishes)
{
    uint32_t own[2];
    choose_own(packet, own);
    struct ss_packet copy = moved(packet, own[0], own[1]);
    struct ss_flow_packet plain = take(PLAIN, packet, time_us, wishes);
    struct ss_flow_packet held = take(HELD, packet, time_us, wishes | SS_WISH_HELD);
    struct ss_flow_packet shifted = take(MOVED, &copy, time_us, wishes);
    bool from_b = plain.from == SS_SIDE_B;
    require_same(&plain, &held, (uint32_t[2]){0, 0});
    require_same(&plain, &shifted, (uint32_t[2]){own[from_b], own[!from_b]});
}

/* What the capture did not keep counts as it does in `synstep verify`. */
static bool mend_cut(const struct ss_capture_frame *frame, struct ss_packet *packet,
                     uint32_t *wishes)
{
    if (frame->missing_bytes == 0 || packet->payload_missing == 0)
        return true;
    if (packet->faults & (SS_FAULT_TRANSPORT_CUT | SS_FAULT_TCP_OFFSET))
        return false;
    packet->faults &= ~(uint32_t)SS_FAULT_IP_LENGTH;
    packet->payload_length += packet->payload_missing;
    *wishes &= ~(uint32_t)SS_WISH_DIGEST;
    return true;
}

static void take_frame(const struct ss_capture_frame *frame)
{
    struct ss_unwrapped unwrapped;
    uint32_t wishes = SS_WISH_DIGEST;
    must(frame->number == ++running.frame);
    ss_unwrap(running.fragments, frame, &unwrapped);
    must(packet_within_bounds(&unwrapped.packet));
    if (unwrapped.packet.transport == SS_TRANSPORT_TCP && !unwrapped.packet.fragment &&
        mend_cut(frame, &unwrapped.packet, &wishes))
        take_segment(&unwrapped.packet, frame->time_us, wishes);
}

static void hear(void *context, const struct ss_flow *flow)
{
    (*(uint64_t *)context)++;
    require_flow(flow);
}

/* Small bounds, so that they are met. */
static void begin(const uint8_t *data, size_t size)
{
    memset(&running, 0, sizeof(running));
    for (size_t i = 0; i < size; i += 1 + size / 64)
        running.seed = running.seed * 31 + data[i];
    running.lossy = running.seed & 1;
    for (int way = 0; way < WAYS; way++) {
        const struct ss_flows_options options = {.counted = true,
                                                 .most = running.seed & 2 ? 2 : 20,
                                                 .rooms = running.seed & 4 ? 1 : 8,
                                                 .over = hear,
                                                 .context = &running.told[way]};
        running.flows[way] = ss_flows_new(&options);
        must(running.flows[way] != NULL);
    }
    running.fragments = ss_fragments_new();
    must(running.fragments != NULL);
}

static void end(void)
{
    ss_fragments_free(running.fragments);
    for (int way = 0; way < WAYS; way++) {
        ss_flows_finish(running.flows[way]);
        must(running.told[way] == ss_flows_count(running.flows[way]).begun);
        ss_flows_free(running.flows[way]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ss_problem problem = {.status = SS_OK};
    struct ss_capture_file *file = NULL;
    struct ss_capture_frame frame;
    if (ss_capture_file_over("input", data, size, &file, &problem) != SS_OK)
        return 0;
    begin(data, size);
    while (running.frame < FRAMES_MAX && ss_capture_file_next(file, &frame))
        take_frame(&frame);
    enum ss_status status = ss_capture_file_ended(file, &problem);
    must(status == SS_OK || (status == SS_UNREADABLE && problem.text[0]) ||
         running.frame == FRAMES_MAX);
    ss_capture_file_close(file);
    end();
    return 0;
}

#ifdef FUZZ_WITH_LIBFUZZER
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    struct ss_random random = ss_random_seeded(seed);
    if (ss_random_below(&random, 8) && mutate_capture(&random, data, &size, most))
        return size;
    return LLVMFuzzerMutate(data, size, most);
}
#else
#include <dirent.h>

#include "check_main.h"
#include "exact.h"

enum { ROUNDS = 30000, SLOW_ROUNDS = 300, CAPTURES_MAX = 256, CAPTURE_BYTES_MAX = 1 << 16 };

struct capture {
    size_t length;
    uint8_t *octets;
};

static struct capture captures[CAPTURES_MAX];
static uint32_t capture_count;

static bool read_capture(const char *name)
{
    static uint8_t octets[CAPTURE_BYTES_MAX];
    FILE *file = fopen(name, "rb");
    if (!file || capture_count == CAPTURES_MAX)
        return false;
    struct capture *capture = &captures[capture_count++];
    capture->length = fread(octets, 1, sizeof(octets), file);
    capture->octets = malloc(capture->length + 1);
    if (capture->octets)
        memcpy(capture->octets, octets, capture->length);
    return fclose(file) == 0 && capture->octets;
}

/* Expected outputs lie beside them; what is no capture is refused, and that is run, too. */
static void read_folder(void)
{
    const char *source = getenv("SYNSTEP_SRCDIR");
    char name[600];
    snprintf(name, sizeof(name), "%s/tests/captures", source ? source : ".");
    DIR *folder = opendir(name);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        snprintf(name, sizeof(name), "%s/tests/captures/%.200s", source ? source : ".",
                 entry->d_name);
        if (strstr(entry->d_name, ".pcap"))
            ck_assert_msg(read_capture(name), "%s", name);
    }
    closedir(folder);
    ck_assert_uint_gt(capture_count, 20);
}

static void free_captures(void)
{
    while (capture_count > 0)
        free(captures[--capture_count].octets);
}

START_TEST(test_fuzz_verify_captures_are_judged_within_bounds)
{
    for (uint32_t i = 0; i < capture_count; i++) {
        struct exact copy = exact_copy(captures[i].octets, captures[i].length);
        LLVMFuzzerTestOneInput(copy.octets, captures[i].length);
        exact_free(copy);
    }
}
END_TEST

START_TEST(test_fuzz_verify_changed_captures_are_judged_within_bounds)
{
    static uint8_t octets[CAPTURE_BYTES_MAX];
    struct ss_random random = ss_random_seeded(2026);
    int rounds = check_is_slow() ? SLOW_ROUNDS : ROUNDS;
    for (int i = 0; i < rounds; i++) {
        struct capture capture = captures[ss_random_below(&random, capture_count)];
        memcpy(octets, capture.octets, capture.length);
        for (int again = 0; again < 4; again++)
            if (!mutate_capture(&random, octets, &capture.length, sizeof(octets)))
                octets[ss_random_below(&random, (uint32_t)capture.length)] ^= 0x41;
        struct exact copy = exact_copy(octets, capture.length);
        LLVMFuzzerTestOneInput(copy.octets, capture.length);
        exact_free(copy);
    }
}
END_TEST

static int run_files(int count, char **names)
{
    for (int i = 0; i < count; i++) {
        if (!read_capture(names[i]))
            return EXIT_FAILURE;
        LLVMFuzzerTestOneInput(captures[capture_count - 1].octets,
                               captures[capture_count - 1].length);
        free_captures();
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("fuzz_verify");
    TCase *tests = tcase_create("fuzz_verify");
    if (argc > 1)
        return run_files(argc - 1, argv + 1);
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, read_folder, free_captures);
    tcase_add_test(tests, test_fuzz_verify_captures_are_judged_within_bounds);
    tcase_add_test(tests, test_fuzz_verify_changed_captures_are_judged_within_bounds);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
#endif
