/*
 * fuzz_mutator: changes a capture so that it stays one: records of a classic pcap file (raw IP or
 * Ethernet) are doubled, dropped, put elsewhere, turned around or delayed; numbers, flags, windows,
 * options and lengths of their TCP segments are changed; checksums are mended after it. What is
 * changed at random alone hardly ever gets past the first checksum.
 */
#ifndef SS_TESTS_FUZZ_MUTATOR_H
#define SS_TESTS_FUZZ_MUTATOR_H

#include <string.h>

#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "synstep/random.h"
#include "synstep/tcp.h"

enum { MUTATOR_RECORDS_MAX = 256, PCAP_HEAD = 24, PCAP_RECORD = 16, MUTATOR_OCTETS_MAX = 1 << 16 };

struct mutator {
    struct ss_random *random;
    uint8_t *octets;
    size_t length, most;
    bool swapped; /* the file's numbers have their least octet first */
    uint32_t link;
    size_t records[MUTATOR_RECORDS_MAX]; /* where each begins */
    size_t count;
};

/* Where a record's headers are; 0 for tcp: it has none. */
struct mutator_segment {
    size_t ip, tcp, end;
    bool v6;
};

static inline uint32_t mutator_below(struct mutator *m, uint32_t bound)
{
    return ss_random_below(m->random, bound);
}

static inline uint32_t mutator_get(const struct mutator *m, size_t at)
{
    uint32_t value = ss_bytes_get32(m->octets + at);
    return m->swapped ? __builtin_bswap32(value) : value;
}

static inline void mutator_put(struct mutator *m, size_t at, uint32_t value)
{
    ss_bytes_put32(m->octets + at, m->swapped ? __builtin_bswap32(value) : value);
}

/* --- what there is ------------------------------------------------------------------------------
 */

static inline bool mutator_find_records(struct mutator *m)
{
    m->count = 0;
    for (size_t at = PCAP_HEAD; at + PCAP_RECORD <= m->length && m->count < MUTATOR_RECORDS_MAX;) {
        uint32_t kept = mutator_get(m, at + 8);
        if (kept > m->length - at - PCAP_RECORD)
            break;
        m->records[m->count++] = at;
        at += PCAP_RECORD + kept;
    }
    return m->count > 0;
}

static inline bool mutator_open(struct mutator *m)
{
    if (m->length < PCAP_HEAD + PCAP_RECORD)
        return false;
    uint32_t magic = ss_bytes_get32(m->octets);
    m->swapped = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
    if (!m->swapped && magic != 0xa1b2c3d4 && magic != 0xa1b23c4d)
        return false;
    m->link = mutator_get(m, 20);
    return (m->link == 1 || m->link == 101) && mutator_find_records(m);
}

static inline size_t mutator_record_end(const struct mutator *m, size_t index)
{
    return m->records[index] + PCAP_RECORD + mutator_get(m, m->records[index] + 8);
}

static inline bool mutator_find_segment(const struct mutator *m, size_t index,
                                        struct mutator_segment *s)
{
    size_t end = mutator_record_end(m, index), ip = m->records[index] + PCAP_RECORD;
    if (m->link == 1)
        ip += 14;
    if (ip + 40 > end)
        return false;
    *s = (struct mutator_segment){.ip = ip, .v6 = m->octets[ip] >> 4 == 6};
    size_t head = s->v6 ? 40 : (m->octets[ip] & 15) * (size_t)4;
    size_t total =
        s->v6 ? 40U + ss_bytes_get16(m->octets + ip + 4) : ss_bytes_get16(m->octets + ip + 2);
    uint8_t protocol = m->octets[ip + (s->v6 ? 6 : 9)];
    bool fragment = !s->v6 && (ss_bytes_get16(m->octets + ip + 6) & 0x3fff);
    s->tcp = ip + head;
    s->end = ip + total;
    return protocol == 6 && !fragment && head >= 20 && s->end <= end &&
           s->tcp + SS_TCP_HEADER_BYTES <= s->end;
}

static inline uint32_t mutator_payload(const struct mutator *m, const struct mutator_segment *s)
{
    size_t head = 4U * (m->octets[s->tcp + 12] >> 4);
    return head <= s->end - s->tcp ? (uint32_t)(s->end - s->tcp - head) : 0;
}

static inline size_t mutator_any_segment(struct mutator *m, struct mutator_segment *s)
{
    for (int tries = 0; tries < 8; tries++) {
        size_t index = mutator_below(m, (uint32_t)m->count);
        if (mutator_find_segment(m, index, s))
            return index;
    }
    return SIZE_MAX;
}

static inline void mutator_mend(struct mutator *m, const struct mutator_segment *s)
{
    struct ss_address ends[2];
    size_t size = s->v6 ? 16 : 4, at = s->ip + (s->v6 ? 8 : 12);
    for (int i = 0; i < 2; i++) {
        ends[i] = (struct ss_address){.version = s->v6 ? 6 : 4};
        memcpy(ends[i].octets, m->octets + at + (size_t)i * size, size);
    }
    if (!s->v6) {
        ss_bytes_put16(m->octets + s->ip + 10, 0);
        ss_checksum_sum head = ss_checksum_add(0, m->octets + s->ip, s->tcp - s->ip);
        ss_bytes_put16(m->octets + s->ip + 10, ss_checksum_finish(head));
    }
    ss_bytes_put16(m->octets + s->tcp + 16, 0);
    ss_checksum_sum sum = ss_checksum_pseudo(&ends[0], &ends[1], 6, (uint32_t)(s->end - s->tcp));
    sum = ss_checksum_add(sum, m->octets + s->tcp, s->end - s->tcp);
    ss_bytes_put16(m->octets + s->tcp + 16, ss_checksum_finish(sum));
}

/* --- records ------------------------------------------------------------------------------------
 */

/* `old` octets at a place become `length` others; false when there is no room. */
static inline bool mutator_replace(struct mutator *m, size_t at, size_t old, const void *octets,
                                   size_t length)
{
    if (m->length - old + length > m->most)
        return false;
    memmove(m->octets + at + length, m->octets + at + old, m->length - at - old);
    if (length > 0)
        memcpy(m->octets + at, octets, length);
    m->length = m->length - old + length;
    return true;
}

static inline void mutator_copy_record(struct mutator *m, bool move)
{
    static uint8_t copy[MUTATOR_OCTETS_MAX];
    size_t from = mutator_below(m, (uint32_t)m->count);
    size_t to = mutator_below(m, (uint32_t)m->count + 1);
    size_t begin = m->records[from], size = mutator_record_end(m, from) - begin;
    size_t place = to == m->count ? mutator_record_end(m, to - 1) : m->records[to];
    if (size > sizeof(copy))
        return;
    memcpy(copy, m->octets + begin, size);
    if (!mutator_replace(m, place, 0, copy, size) || !move)
        return;
    (void)mutator_replace(m, begin + (place <= begin ? size : 0), size, "", 0);
}

static inline void mutator_drop_record(struct mutator *m)
{
    size_t index = mutator_below(m, (uint32_t)m->count);
    if (m->count > 1)
        (void)mutator_replace(m, m->records[index],
                              mutator_record_end(m, index) - m->records[index], "", 0);
}

/* Seconds or parts of one, of this record alone. */
static inline void mutator_change_time(struct mutator *m)
{
    size_t at = m->records[mutator_below(m, (uint32_t)m->count)];
    bool seconds = mutator_below(m, 2);
    int32_t by = (int32_t)mutator_below(m, seconds ? 200 : 300000) - (seconds ? 50 : 100000);
    mutator_put(m, at + (seconds ? 0 : 4), mutator_get(m, at + (seconds ? 0 : 4)) + (uint32_t)by);
}

/* --- segments -----------------------------------------------------------------------------------
 */

/* A number near one that some segment has, or any. */
static inline uint32_t mutator_number(struct mutator *m)
{
    static const int32_t steps[] = {0, 0, 0, 1, -1, 2, 5, 100, -100, 1460, 65535, INT32_MIN};
    struct mutator_segment s;
    uint32_t step = (uint32_t)steps[mutator_below(m, sizeof(steps) / sizeof(*steps))];
    if (mutator_below(m, 16) == 0 || mutator_any_segment(m, &s) == SIZE_MAX)
        return ss_random_next32(m->random);
    uint32_t seq = ss_bytes_get32(m->octets + s.tcp + 4);
    seq += mutator_below(m, 2) * mutator_payload(m, &s);
    uint32_t ack = ss_bytes_get32(m->octets + s.tcp + 8);
    return (mutator_below(m, 2) ? seq : ack) + step;
}

static inline void mutator_change_numbers(struct mutator *m, const struct mutator_segment *s)
{
    uint8_t *tcp = m->octets + s->tcp;
    uint32_t length = mutator_payload(m, s);
    switch (mutator_below(m, 5)) {
    case 0:
        ss_bytes_put32(tcp + 4, mutator_number(m));
        break;
    case 1:
        ss_bytes_put32(tcp + 8, mutator_number(m));
        break;
    case 2:
        ss_bytes_put32(tcp + 4,
                       ss_bytes_get32(tcp + 4) + mutator_below(m, 2 * length + 4) - length);
        break;
    case 3:
        ss_bytes_put32(tcp + 8, ss_bytes_get32(tcp + 8) + mutator_below(m, 40) - 20);
        break;
    case 4:
        tcp[4 + mutator_below(m, 8)] ^= (uint8_t)(1U << mutator_below(m, 8));
        break;
    }
}

static inline void mutator_change_header(struct mutator *m, const struct mutator_segment *s)
{
    static const uint8_t flags[] = {2, 18, 16, 24, 17, 4, 20, 0, 1, 48};
    uint8_t *tcp = m->octets + s->tcp;
    switch (mutator_below(m, 6)) {
    case 0:
        tcp[13] = flags[mutator_below(m, sizeof(flags))];
        break;
    case 1:
        tcp[13] ^= (uint8_t)(1U << mutator_below(m, 8));
        break;
    case 2:
        ss_bytes_put16(tcp + 14, (uint16_t)(mutator_below(m, 2) ? mutator_below(m, 300) : 0));
        break;
    case 3:
        ss_bytes_put16(tcp + 14, (uint16_t)ss_random_next32(m->random));
        break;
    case 4:
        ss_bytes_put16(tcp + 18, (uint16_t)mutator_below(m, 3));
        break;
    case 5: /* the IPv4 id */
        if (!s->v6)
            ss_bytes_put16(m->octets + s->ip + 4, (uint16_t)mutator_below(m, 50));
        break;
    }
}

/* From the other end. */
static inline void mutator_turn(struct mutator *m, const struct mutator_segment *s)
{
    uint8_t kept[16], *addresses = m->octets + s->ip + (s->v6 ? 8 : 12);
    size_t size = s->v6 ? 16 : 4;
    uint32_t ports = ss_bytes_get32(m->octets + s->tcp);
    memcpy(kept, addresses, size);
    memcpy(addresses, addresses + size, size);
    memcpy(addresses + size, kept, size);
    ss_bytes_put32(m->octets + s->tcp, ports << 16 | ports >> 16);
}

/* The segment's own octets from `at` on grow or shrink; all lengths with them. */
static inline void mutator_resize(struct mutator *m, size_t index, struct mutator_segment *s,
                                  size_t at, size_t old, const uint8_t *octets, size_t length)
{
    size_t record = m->records[index];
    if (s->end - s->ip - old + length > 60000 || !mutator_replace(m, at, old, octets, length))
        return;
    uint32_t by = (uint32_t)(length - old);
    s->end += length - old;
    mutator_put(m, record + 8, mutator_get(m, record + 8) + by);
    mutator_put(m, record + 12, mutator_get(m, record + 12) + by);
    ss_bytes_put16(m->octets + s->ip + (s->v6 ? 4 : 2),
                   (uint16_t)(s->end - s->ip - (s->v6 ? 40 : 0)));
}

static inline void mutator_change_payload(struct mutator *m, size_t index,
                                          struct mutator_segment *s)
{
    uint8_t octets[64];
    size_t head = 4U * (m->octets[s->tcp + 12] >> 4);
    if (head < SS_TCP_HEADER_BYTES || s->tcp + head > s->end)
        return;
    size_t length = s->end - s->tcp - head;
    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)(i + (mutator_below(m, 9) == 0));
    if (mutator_below(m, 3) == 0 && length > 0)
        m->octets[s->end - 1 - mutator_below(m, (uint32_t)length)] ^= 1;
    else
        mutator_resize(m, index, s, s->tcp + head, mutator_below(m, 2) ? length : 0, octets,
                       mutator_below(m, 3) ? mutator_below(m, sizeof(octets)) : 0);
}

static inline size_t mutator_option(struct mutator *m, uint8_t octets[40])
{
    switch (mutator_below(m, 8)) {
    case 0:
        memcpy(octets, "\2\4\5\264", 4);
        return 4;
    case 1:
        memcpy(octets, (uint8_t[]){3, 3, (uint8_t)mutator_below(m, 17), 1}, 4);
        return 4;
    case 2:
        memcpy(octets, "\4\2\1\1", 4);
        return 4;
    case 3:
    case 4:
        memcpy(octets, "\1\1\10\12", 4);
        ss_bytes_put32(octets + 4, 1000 + mutator_below(m, 20));
        ss_bytes_put32(octets + 8, mutator_below(m, 4) ? 1000 + mutator_below(m, 20) : 0);
        return 12;
    case 5:
    case 6: {
        size_t blocks = 1 + mutator_below(m, 2);
        memcpy(octets, (uint8_t[]){1, 1, 5, (uint8_t)(2 + 8 * blocks)}, 4);
        for (size_t i = 0; i < 2 * blocks; i++)
            ss_bytes_put32(octets + 4 + 4 * i, mutator_number(m));
        return 4 + 8 * blocks;
    }
    default:
        ss_bytes_put32(octets, ss_random_next32(m->random));
        return 4;
    }
}

static inline void mutator_change_options(struct mutator *m, size_t index,
                                          struct mutator_segment *s)
{
    uint8_t octets[40];
    size_t head = 4U * (m->octets[s->tcp + 12] >> 4);
    if (head < SS_TCP_HEADER_BYTES || s->tcp + head > s->end)
        return;
    size_t old = mutator_below(m, 2) ? head - SS_TCP_HEADER_BYTES : 0;
    size_t length = mutator_below(m, 5) ? mutator_option(m, octets) : 0;
    if (head - old + length > 60)
        return;
    size_t before = m->length;
    mutator_resize(m, index, s, s->tcp + SS_TCP_HEADER_BYTES, old, octets, length);
    if (m->length - length + old == before)
        m->octets[s->tcp + 12] =
            (uint8_t)((head - old + length) / 4 << 4 | (m->octets[s->tcp + 12] & 15));
}

static inline void mutator_change_segment(struct mutator *m)
{
    struct mutator_segment s;
    size_t index = mutator_any_segment(m, &s);
    if (index == SIZE_MAX)
        return;
    switch (mutator_below(m, 8)) {
    case 0:
    case 1:
    case 2:
        mutator_change_numbers(m, &s);
        break;
    case 3:
    case 4:
        mutator_change_header(m, &s);
        break;
    case 5:
        mutator_turn(m, &s);
        break;
    case 6:
        mutator_change_payload(m, index, &s);
        break;
    case 7:
        mutator_change_options(m, index, &s);
        break;
    }
    if (mutator_below(m, 16) > 0)
        mutator_mend(m, &s);
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static inline void mutator_change(struct mutator *m)
{
    switch (mutator_below(m, 8)) {
    case 0:
        mutator_copy_record(m, false);
        break;
    case 1:
        mutator_copy_record(m, true);
        break;
    case 2:
        mutator_drop_record(m);
        break;
    case 3:
        mutator_change_time(m);
        break;
    default:
        mutator_change_segment(m);
        break;
    }
}

/* A few changes; the new length. False: it is no such capture, nothing was changed. */
static inline bool mutate_capture(struct ss_random *random, uint8_t *octets, size_t *length,
                                  size_t most)
{
    struct mutator m = {.random = random, .octets = octets, .length = *length, .most = most};
    if (!mutator_open(&m))
        return false;
    for (uint32_t changes = 1 + mutator_below(&m, 4); changes > 0; changes--) {
        mutator_change(&m);
        if (!mutator_find_records(&m))
            break;
    }
    *length = m.length;
    return true;
}

#endif
