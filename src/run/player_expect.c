/* player_expect: what arrives, held against the steps that expect it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "player_parts.h"

enum { DURATION_TEXT_SIZE = 24 };

static void duration_format(uint64_t us, char text[DURATION_TEXT_SIZE])
{
    if (us < 1000)
        snprintf(text, DURATION_TEXT_SIZE, "%" PRIu64 " us", us);
    else if (us < 1000000)
        snprintf(text, DURATION_TEXT_SIZE, "%.6g ms", (double)us / 1e3);
    else
        snprintf(text, DURATION_TEXT_SIZE, "%.6g s", (double)us / 1e6);
}

/* On the simulated wire time is exact; on a live one it is the scheduler's. */
static void match_time(const struct ss_player *player, const struct ss_segment_step *expected,
                       uint64_t time_us, struct match *match)
{
    char wanted[DURATION_TEXT_SIZE], found[DURATION_TEXT_SIZE];
    if (!expected->after_given || !player->options.simulated)
        return;
    uint64_t took_us = time_us > player->last_step_us ? time_us - player->last_step_us : 0;
    uint64_t off_us =
        took_us > expected->after_us ? took_us - expected->after_us : expected->after_us - took_us;
    duration_format(expected->after_us, wanted);
    duration_format(took_us, found);
    match_note(match, off_us <= expected->after_tolerance_us, "after", wanted, found);
}

static bool matches(const struct ss_player *player, const struct ss_step *step,
                    const struct frame *frame, struct match *match)
{
    match_segment(player, &step->segment, frame, match);
    match_time(player, &step->segment, frame->time_us, match);
    return match->mismatch_count == 0;
}

/* --- telling ------------------------------------------------------------------------------------
 */

static struct ss_event_step event_of(const struct ss_step *step)
{
    struct ss_event_step event = {
        .kind = SS_EVENT_STEP_EXPECT, .file = step->place.file, .line = step->place.line};
    snprintf(event.text, sizeof(event.text), "%s", step->text);
    return event;
}

/* "PSH,ACK seq K+1 = 7 ack J+6 = 11, 5 octets" */
static void segment_format(const struct ss_player *player, const struct frame *frame, char *text,
                           size_t size)
{
    if (frame->is_message) {
        message_format(&frame->packet, &frame->message, text, size);
        return;
    }
    char flags[SS_TCP_FLAGS_TEXT_SIZE], seq[NUMBER_TEXT_SIZE], ack[NUMBER_TEXT_SIZE];
    const struct ss_tcp_header *tcp = &frame->packet.tcp;
    ss_tcp_flags_format(flags, tcp->flags);
    number_format(player, tcp->seq.value, seq);
    number_format(player, tcp->ack.value, ack);
    snprintf(text, size, "%s seq %.56s%s%.56s, %zu octet%s", flags, seq,
             tcp->flags & SS_TCP_ACK ? " ack " : "", tcp->flags & SS_TCP_ACK ? ack : "",
             frame->packet.payload_length, frame->packet.payload_length == 1 ? "" : "s");
}

static enum ss_status tell_held(struct ss_player *player, const struct ss_step *step, uint32_t n,
                                const struct match *match)
{
    struct ss_event_step event = event_of(step);
    event.ok = true;
    event.n = n;
    event.checks = match->checks;
    player->recorder.checks += match->checks;
    return record_step(&player->recorder, &event);
}

/* Nothing that was expected came in time. */
static enum ss_status tell_missing(struct ss_player *player, const struct ss_step *step,
                                   uint64_t within_us, struct ss_problem *problem)
{
    char duration[DURATION_TEXT_SIZE];
    struct ss_event_step event = event_of(step);
    duration_format(within_us, duration);
    snprintf(event.answer, sizeof(event.answer), "nothing came in %s", duration);
    event.checks = 1;
    count_check(&player->recorder, false, "line %u: %s", step->place.line, event.answer);
    enum ss_status status = record_step(&player->recorder, &event);
    if (status != SS_OK)
        return status;
    return fail_at(step, problem, SS_CHECK_FAILED, "expected '%s', but %s", step->text,
                   event.answer);
}

/* Both are counted together. */
static const char *word_of(const struct frame *frame)
{
    return frame->is_message ? "datagram" : "segment";
}

/* Another segment came than the one expected. */
static enum ss_status tell_other(struct ss_player *player, const struct ss_step *step,
                                 const struct frame *frame, const struct match *match,
                                 struct ss_problem *problem)
{
    struct ss_event_step event = event_of(step);
    const struct ss_mismatch *first = &match->list[0];
    segment_format(player, frame, event.answer, sizeof(event.answer));
    event.n = frame->n;
    event.checks = match->checks;
    event.mismatch_count =
        match->mismatch_count < SS_MISMATCHES_MAX ? match->mismatch_count : SS_MISMATCHES_MAX;
    memcpy(event.mismatches, match->list, sizeof(event.mismatches));
    player->recorder.checks += match->checks - (uint32_t)event.mismatch_count;
    for (size_t i = 0; i < event.mismatch_count; i++)
        count_check(&player->recorder, false, "line %u: %s: expected %s, got %s", step->place.line,
                    match->list[i].name, match->list[i].expected, match->list[i].actual);
    enum ss_status status = record_step(&player->recorder, &event);
    if (status != SS_OK)
        return status;
    return fail_at(step, problem, SS_CHECK_FAILED,
                   "expected '%s', but %s %u came: %s: expected %s, got %s", step->text,
                   word_of(frame), frame->n, first->name, first->expected, first->actual);
}

/* What must not come came. */
static enum ss_status tell_unwanted(struct ss_player *player, const struct ss_step *step,
                                    const struct frame *frame, struct ss_problem *problem)
{
    struct ss_event_step event = event_of(step);
    segment_format(player, frame, event.answer, sizeof(event.answer));
    event.n = frame->n;
    event.checks = 1;
    count_check(&player->recorder, false, "line %u: %s %u must not come", step->place.line,
                word_of(frame), frame->n);
    enum ss_status status = record_step(&player->recorder, &event);
    if (status != SS_OK)
        return status;
    return fail_at(step, problem, SS_CHECK_FAILED, "%s %u must not come: %s", word_of(frame),
                   frame->n, event.answer);
}

/* --- taking -------------------------------------------------------------------------------------
 */

/* Our end takes the first frame that waits; it is gone afterwards. */
static void take_first(struct ss_player *player)
{
    struct frame *frame = frames_pop(&player->arrived);
    const struct ss_packet *packet = &frame->packet;
    uint8_t flags = packet->tcp.flags;
    remember_came(player, frame);
    if (!frame->is_message && (flags & SS_TCP_ACK))
        own_end_acknowledged(&player->own, packet->tcp.ack);
    if (!frame->is_message && !(flags & SS_TCP_RST))
        own_end_received(&player->own, flags & SS_TCP_SYN, packet->tcp.seq,
                         ss_packet_segment_length(packet));
    free(frame);
}

static enum ss_status consume(struct ss_player *player, const struct ss_step *step,
                              const struct match *match)
{
    const struct frame *frame = player->arrived.first;
    uint32_t n = frame->n;
    bind_segment(player, &step->segment, &frame->packet);
    if (frame->is_message)
        bind_message(player, &step->segment, &frame->message);
    player->last_step_us = frame->time_us;
    take_first(player);
    return tell_held(player, step, n, match);
}

/* Whether one of the optional segments that are still possible is the first that waits. */
static bool take_optional(struct ss_player *player, enum ss_status *status)
{
    struct match match;
    for (size_t i = 0; i < player->optional_count; i++) {
        if (!matches(player, player->optional[i], player->arrived.first, &match))
            continue;
        *status = consume(player, player->optional[i], &match);
        player->optional_count--;
        for (; i < player->optional_count; i++)
            player->optional[i] = player->optional[i + 1];
        return true;
    }
    return false;
}

/*
 * Who steps by hand is slower than the peer's timers: it repeats what our end has taken in already.
 * Whether the first frame that waits is such a repetition, or a probe; it is taken in again then.
 */
static bool pass_over_repetition(struct ss_player *player)
{
    const struct own_end *own = &player->own;
    const struct ss_packet *packet = &player->arrived.first->packet;
    struct ss_seq seq = packet->tcp.seq;
    struct ss_seq end = ss_seq_add(seq, ss_packet_segment_length(packet));
    if (player->arrived.first->is_message)
        return false;
    bool anew = (packet->tcp.flags & SS_TCP_SYN) && !ss_seq_equal(seq, own->irs);
    bool repeats = own->rcv_known && !anew && ss_seq_before(seq, own->rcv_nxt) &&
                   ss_seq_at_or_before(end, own->rcv_nxt);
    if (!player->options.by_hand || !repeats)
        return false;
    take_first(player);
    return true;
}

/* Waits until a frame waits to be taken. */
static enum ss_status await(struct ss_player *player, uint64_t deadline_us,
                            struct ss_problem *problem)
{
    return player->arrived.first ? SS_OK : take_in(player, deadline_us, true, problem);
}

static uint64_t deadline_of(struct ss_player *player, const struct ss_step *step)
{
    return ss_wire_now_us(player->wire) + step->segment.within_us;
}

enum ss_status expect(struct ss_player *player, const struct ss_step *step,
                      struct ss_problem *problem)
{
    uint64_t deadline_us = deadline_of(player, step);
    struct match match;
    enum ss_status status = SS_OK;
    while (status == SS_OK) {
        status = await(player, deadline_us, problem);
        if (status == SS_TIMED_OUT)
            return tell_missing(player, step, step->segment.within_us, problem);
        if (status != SS_OK)
            return status;
        if (matches(player, step, player->arrived.first, &match)) {
            player->optional_count = 0;
            return consume(player, step, &match);
        }
        if (!take_optional(player, &status) && !pass_over_repetition(player))
            return tell_other(player, step, player->arrived.first, &match, problem);
    }
    return status;
}

enum ss_status expect_optional(struct ss_player *player, const struct ss_step *step,
                               struct ss_problem *problem)
{
    if (player->optional_count == OPTIONAL_MAX)
        return fail_at(step, problem, SS_CHECK_FAILED,
                       "more than %d optional segments before one that must come", OPTIONAL_MAX);
    player->optional[player->optional_count++] = step;
    return SS_OK;
}

enum ss_status expect_skipping(struct ss_player *player, const struct ss_step *step,
                               struct ss_problem *problem)
{
    uint64_t deadline_us = deadline_of(player, step);
    struct match match;
    player->optional_count = 0;
    for (;;) {
        enum ss_status status = await(player, deadline_us, problem);
        if (status == SS_TIMED_OUT)
            return tell_missing(player, step, step->segment.within_us, problem);
        if (status != SS_OK)
            return status;
        if (matches(player, step, player->arrived.first, &match))
            return consume(player, step, &match);
        take_first(player);
    }
}

/* The first frame that waits and that `step` matches; NULL for none. */
static const struct frame *find(const struct ss_player *player, const struct ss_step *step)
{
    struct match match;
    const struct frame *frame = player->arrived.first;
    while (frame && !matches(player, step, frame, &match))
        frame = frame->next;
    return frame;
}

enum ss_status expect_not(struct ss_player *player, const struct ss_step *step,
                          struct ss_problem *problem)
{
    uint64_t deadline_us = deadline_of(player, step);
    struct match one = {.checks = 1};
    for (;;) {
        const struct frame *unwanted = find(player, step);
        if (unwanted)
            return tell_unwanted(player, step, unwanted, problem);
        enum ss_status status = take_in(player, deadline_us, true, problem);
        if (status == SS_TIMED_OUT) {
            player->last_step_us = ss_wire_now_us(player->wire);
            return tell_held(player, step, 0, &one);
        }
        if (status != SS_OK)
            return status;
    }
}

/* --- in any order -------------------------------------------------------------------------------
 */

/* The members of a group, and which of them have come. */
struct group {
    const struct ss_step *members;
    size_t count;
    bool *came;
};

/* A member that is still awaited; NULL when only optional ones are. */
static const struct ss_step *awaited(const struct group *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (!group->came[i] && group->members[i].kind == SS_STEP_EXPECT)
            return &group->members[i];
    return NULL;
}

/*
 * The member that the first frame is; `group->count` when it is none: then `nearest` is the one
 * that it differs least from, and `match` how.
 */
static size_t member_of(struct ss_player *player, const struct group *group,
                        const struct ss_step **nearest, struct match *match)
{
    *nearest = awaited(group);
    match->mismatch_count = SIZE_MAX;
    for (size_t i = 0; i < group->count; i++) {
        struct match each;
        if (group->came[i])
            continue;
        bool ok = matches(player, &group->members[i], player->arrived.first, &each);
        if (each.mismatch_count < match->mismatch_count) {
            *match = each;
            *nearest = &group->members[i];
        }
        if (ok)
            return i;
    }
    return group->count;
}

/* Of those that must come: an optional one is not waited for. */
static uint64_t longest_within(const struct group *group)
{
    uint64_t within_us = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct ss_step *member = &group->members[i];
        if (member->kind == SS_STEP_EXPECT && member->segment.within_us > within_us)
            within_us = member->segment.within_us;
    }
    return within_us;
}

static enum ss_status expect_members(struct ss_player *player, const struct group *group,
                                     struct ss_problem *problem)
{
    uint64_t within_us = longest_within(group);
    uint64_t deadline_us = ss_wire_now_us(player->wire) + within_us;
    enum ss_status status = SS_OK;
    while (status == SS_OK && awaited(group)) {
        const struct ss_step *nearest;
        struct match match;
        status = await(player, deadline_us, problem);
        if (status == SS_TIMED_OUT)
            return tell_missing(player, awaited(group), within_us, problem);
        if (status != SS_OK)
            return status;
        size_t member = member_of(player, group, &nearest, &match);
        if (member < group->count) {
            group->came[member] = true;
            status = consume(player, nearest, &match);
        } else if (!take_optional(player, &status) && !pass_over_repetition(player)) {
            return tell_other(player, nearest, player->arrived.first, &match, problem);
        }
    }
    return status;
}

enum ss_status expect_group(struct ss_player *player, const struct ss_step *step,
                            struct ss_problem *problem)
{
    struct group group = {.members = step + 1, .count = step->count};
    group.came = calloc(group.count, sizeof(*group.came));
    if (!group.came)
        return fail_at(step, problem, SS_IO, "out of memory");
    enum ss_status status = expect_members(player, &group, problem);
    player->optional_count = 0;
    free(group.came);
    return status;
}
