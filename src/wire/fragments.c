/*
 * fragments: a hash of datagrams that wait, oldest first in a list; of each its octets, and a bit
 * for every eight of them that is there: fragments begin at multiples of eight.
 */
#include "synstep/fragments.h"

#include <stdlib.h>
#include <string.h>

#include "synstep/bytes.h"

enum {
    BUCKETS = 1024,
    UNIT_BYTES = 8,
    UNITS = 65536 / UNIT_BYTES,
    DATAGRAM_BYTES_MAX = 65535,
    HEAD_BYTES_MAX = 256, /* IPv6's header and what stands before the fragment header */
    GROWTH_BYTES = 2048,
};

struct key {
    struct ss_address source;
    struct ss_address destination;
    uint32_t id;
    uint8_t protocol; /* of IPv4; 0 of IPv6, whose fragments may differ in it */
};

struct datagram {
    struct datagram *next_in_bucket;
    struct datagram *older, *newer;
    struct key key;
    uint64_t began_ns;
    bool dropped;         /* RFC 5722: it only swallows the rest */
    bool ip_checksum_bad; /* of one of its fragments */
    size_t head_bytes;    /* 0: the first fragment is missing */
    size_t total;         /* octets of data; 0: the last fragment is missing */
    size_t highest;       /* octets of data up to the end of what is here */
    size_t units;         /* that are here */
    size_t room;          /* octets of data that `octets` has room for */
    uint8_t *octets;      /* HEAD_BYTES_MAX in which the head ends, then the data */
    uint64_t frames[SS_FRAGMENTS_FRAMES_MAX];
    uint32_t frame_count;
    uint64_t here[UNITS / 64];
};

struct ss_fragments {
    struct datagram *buckets[BUCKETS];
    struct datagram *oldest, *newest;
    struct datagram *handed_over; /* whose octets are borrowed */
    size_t waiting;
    size_t bytes;
    struct ss_fragments_count count;
};

/* A fragment as it came. */
struct piece {
    struct key key;
    const uint8_t *head; /* the IP header, and what of IPv6's others is in every fragment */
    size_t head_bytes;
    size_t named_at;  /* IPv6: where the head names the fragment header, */
    uint8_t protocol; /* and what it is to name instead */
    const uint8_t *data;
    size_t offset; /* of the data in the datagram's */
    size_t length;
    bool more;
};

/* --- what a fragment says -----------------------------------------------------------------------
 */

static void read_ipv4_piece(const struct ss_packet *packet, struct piece *piece)
{
    const struct ss_ipv4_header *ip = &packet->ipv4;
    piece->key = (struct key){ip->source, ip->destination, ip->id, ip->protocol};
    piece->head_bytes = ip->ihl_words * (size_t)4;
    piece->data = piece->head + piece->head_bytes;
    piece->length = ip->total_length - piece->head_bytes;
    piece->offset = ip->fragment_offset_words * (size_t)UNIT_BYTES;
    piece->more = ip->more_fragments;
}

static bool read_ipv6_piece(const struct ss_packet *packet, struct piece *piece)
{
    enum { FRAGMENT_HEADER_BYTES = 8 };
    const struct ss_ipv6_header *ip = &packet->ipv6;
    const uint8_t *after = piece->head + SS_IPV6_HEADER_BYTES;
    struct ss_ipv6_upper upper;
    if (!ss_ipv6_walk(after, ip->payload_length, ip->next_header, &upper))
        return false;
    const uint8_t *header = after + upper.fragment_header;
    uint16_t bits = ss_bytes_get16(header + 2);
    piece->key = (struct key){ip->source, ip->destination, ss_bytes_get32(header + 4), 0};
    piece->head_bytes = SS_IPV6_HEADER_BYTES + upper.fragment_header;
    piece->named_at = upper.fragment_named_at;
    piece->protocol = header[0];
    piece->data = header + FRAGMENT_HEADER_BYTES;
    piece->length = ip->payload_length - upper.fragment_header - FRAGMENT_HEADER_BYTES;
    piece->offset = bits & 0xfff8U;
    piece->more = (bits & 1) != 0;
    return true;
}

/* False when it is cut, or cannot be part of any datagram. */
static bool read_piece(const struct ss_packet *packet, struct piece *piece)
{
    enum { CUT = SS_FAULT_IP_CUT | SS_FAULT_IP_HEADER_LENGTH | SS_FAULT_IP_LENGTH };
    *piece = (struct piece){.head = packet->frame + packet->ip_offset};
    if (packet->faults & CUT)
        return false;
    if (packet->version == 4)
        read_ipv4_piece(packet, piece);
    else if (!read_ipv6_piece(packet, piece))
        return false;
    size_t fixed = packet->version == 4 ? 0 : SS_IPV6_HEADER_BYTES;
    size_t end = piece->head_bytes - fixed + piece->offset + piece->length;
    if (piece->length == 0 || end > DATAGRAM_BYTES_MAX || piece->head_bytes > HEAD_BYTES_MAX)
        return false;
    return !piece->more || piece->length % UNIT_BYTES == 0;
}

/* --- the datagrams ------------------------------------------------------------------------------
 */

/* FNV-1a: who makes all of them fall together has 1,024 to go through at most. */
static size_t bucket_of(const struct key *key)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < sizeof(key->source.octets); i++)
        hash = (hash ^ key->source.octets[i]) * 16777619U;
    for (size_t i = 0; i < sizeof(key->destination.octets); i++)
        hash = (hash ^ key->destination.octets[i]) * 16777619U;
    hash = (hash ^ key->id ^ key->protocol) * 16777619U;
    return (hash ^ hash >> 16) % BUCKETS;
}

static bool same_key(const struct key *a, const struct key *b)
{
    return a->id == b->id && a->protocol == b->protocol &&
           ss_address_equal(&a->source, &b->source) &&
           ss_address_equal(&a->destination, &b->destination);
}

static size_t bytes_of(const struct datagram *datagram)
{
    return sizeof(*datagram) + HEAD_BYTES_MAX + datagram->room;
}

static void free_datagram(struct datagram *datagram)
{
    if (datagram)
        free(datagram->octets);
    free(datagram);
}

/* Out of the hash and of the list. */
static void take_out(struct ss_fragments *fragments, struct datagram *datagram)
{
    struct datagram **link = &fragments->buckets[bucket_of(&datagram->key)];
    while (*link != datagram)
        link = &(*link)->next_in_bucket;
    *link = datagram->next_in_bucket;
    *(datagram->older ? &datagram->older->newer : &fragments->oldest) = datagram->newer;
    *(datagram->newer ? &datagram->newer->older : &fragments->newest) = datagram->older;
    fragments->waiting--;
    fragments->bytes -= bytes_of(datagram);
}

static void put_in(struct ss_fragments *fragments, struct datagram *datagram)
{
    struct datagram **bucket = &fragments->buckets[bucket_of(&datagram->key)];
    datagram->next_in_bucket = *bucket;
    *bucket = datagram;
    datagram->older = fragments->newest;
    *(fragments->newest ? &fragments->newest->newer : &fragments->oldest) = datagram;
    fragments->newest = datagram;
    fragments->waiting++;
    fragments->bytes += bytes_of(datagram);
    fragments->count.begun++;
}

static void forget(struct ss_fragments *fragments, struct datagram *datagram, uint64_t *counter)
{
    if (datagram->dropped)
        counter = &fragments->count.dropped;
    ++*counter;
    take_out(fragments, datagram);
    free_datagram(datagram);
}

static bool is_expired(const struct datagram *datagram, uint64_t time_ns)
{
    const uint64_t second = 1000000000;
    uint64_t wait = (datagram->key.source.version == 4 ? 30 : 60) * second;
    return time_ns > datagram->began_ns && time_ns - datagram->began_ns > wait;
}

/* A capture's time may go back, so that the list is in the order of the frames only. */
static void expire(struct ss_fragments *fragments, uint64_t time_ns)
{
    while (fragments->oldest && is_expired(fragments->oldest, time_ns))
        forget(fragments, fragments->oldest, &fragments->count.expired);
}

static struct datagram *find(struct ss_fragments *fragments, const struct key *key,
                             uint64_t time_ns)
{
    struct datagram *found = fragments->buckets[bucket_of(key)];
    while (found && !same_key(&found->key, key))
        found = found->next_in_bucket;
    if (!found || !is_expired(found, time_ns))
        return found;
    forget(fragments, found, &fragments->count.expired);
    return NULL;
}

static struct datagram *find_or_begin(struct ss_fragments *fragments, const struct key *key,
                                      uint64_t time_ns)
{
    struct datagram *datagram = find(fragments, key, time_ns);
    if (datagram)
        return datagram;
    datagram = calloc(1, sizeof(*datagram));
    if (!datagram)
        return NULL;
    datagram->key = *key;
    datagram->began_ns = time_ns;
    put_in(fragments, datagram);
    return datagram;
}

/* Makes room for data up to `end`. */
static bool grow(struct ss_fragments *fragments, struct datagram *datagram, size_t end)
{
    if (datagram->octets && end <= datagram->room)
        return true;
    size_t room = 2 * datagram->room > end ? 2 * datagram->room : end;
    room = (room + GROWTH_BYTES - 1) / GROWTH_BYTES * GROWTH_BYTES;
    uint8_t *octets = realloc(datagram->octets, HEAD_BYTES_MAX + room);
    if (!octets)
        return false;
    fragments->bytes += room - datagram->room;
    datagram->octets = octets;
    datagram->room = room;
    return true;
}

/* All but `datagram` may have to go. */
static void keep_bounds(struct ss_fragments *fragments, const struct datagram *datagram)
{
    while (fragments->oldest != datagram && (fragments->waiting > SS_FRAGMENTS_DATAGRAMS_MAX ||
                                             fragments->bytes > SS_FRAGMENTS_BYTES_MAX))
        forget(fragments, fragments->oldest, &fragments->count.crowded_out);
}

/* --- putting together ---------------------------------------------------------------------------
 */

static bool is_here(const struct datagram *datagram, size_t unit)
{
    return datagram->here[unit / 64] >> unit % 64 & 1;
}

static size_t unit_length(const struct piece *piece, size_t at)
{
    return piece->length - at < UNIT_BYTES ? piece->length - at : UNIT_BYTES;
}

/* Looks for octets that are there already; whether there are others. */
static bool brings_new(const struct datagram *datagram, const struct piece *piece,
                       struct ss_fragment *fragment)
{
    const uint8_t *data = datagram->octets + HEAD_BYTES_MAX + piece->offset;
    bool brings = false;
    for (size_t at = 0; at < piece->length; at += UNIT_BYTES) {
        if (!is_here(datagram, (piece->offset + at) / UNIT_BYTES)) {
            brings = true;
            continue;
        }
        fragment->overlaps = true;
        if (memcmp(data + at, piece->data + at, unit_length(piece, at)) != 0)
            fragment->conflicts = true;
    }
    return brings;
}

/* Copies what is not there yet. */
static void copy_new(struct datagram *datagram, const struct piece *piece)
{
    uint8_t *data = datagram->octets + HEAD_BYTES_MAX + piece->offset;
    for (size_t at = 0; at < piece->length; at += UNIT_BYTES) {
        size_t unit = (piece->offset + at) / UNIT_BYTES;
        if (is_here(datagram, unit))
            continue;
        memcpy(data + at, piece->data + at, unit_length(piece, at));
        datagram->here[unit / 64] |= UINT64_C(1) << unit % 64;
        datagram->units++;
    }
}

/* The data ends where the last fragment does: not elsewhere, and nothing lies behind. */
static bool contradicts_end(const struct datagram *datagram, const struct piece *piece)
{
    size_t end = piece->offset + piece->length;
    if (piece->more)
        return datagram->total > 0 && end > datagram->total;
    return datagram->highest > end || (datagram->total > 0 && datagram->total != end);
}

/* IPv4 counts its header in its length, IPv6 does not. First and last may come in either order. */
static bool is_too_long(const struct datagram *datagram, const struct piece *piece)
{
    size_t fixed = piece->key.source.version == 4 ? 0 : SS_IPV6_HEADER_BYTES;
    size_t head =
        datagram->head_bytes || piece->offset > 0 ? datagram->head_bytes : piece->head_bytes;
    size_t end = piece->offset + piece->length;
    size_t highest = end > datagram->highest ? end : datagram->highest;
    return head > fixed && head - fixed + highest > DATAGRAM_BYTES_MAX;
}

static void take_head(struct datagram *datagram, const struct piece *piece)
{
    if (piece->offset != 0 || datagram->head_bytes > 0)
        return;
    uint8_t *head = datagram->octets + HEAD_BYTES_MAX - piece->head_bytes;
    memcpy(head, piece->head, piece->head_bytes);
    datagram->head_bytes = piece->head_bytes;
    if (piece->named_at > 0)
        head[piece->named_at] = piece->protocol;
}

static bool is_whole(const struct datagram *datagram)
{
    size_t units = (datagram->total + UNIT_BYTES - 1) / UNIT_BYTES;
    return datagram->head_bytes > 0 && datagram->total > 0 && datagram->units == units;
}

/* The lengths and IPv4's checksum as they were before it was fragmented. */
static void mend_head(struct datagram *datagram, uint8_t *head)
{
    size_t length = datagram->head_bytes + datagram->total;
    if (datagram->key.source.version == 6) {
        ss_bytes_put16(head + 4, (uint16_t)(length - SS_IPV6_HEADER_BYTES));
        return;
    }
    enum { DONT_FRAGMENT_AND_RESERVED = 0xc000 };
    ss_bytes_put16(head + 2, (uint16_t)length);
    ss_bytes_put16(head + 6, ss_bytes_get16(head + 6) & DONT_FRAGMENT_AND_RESERVED);
    ss_bytes_put16(head + 10, 0);
    ss_bytes_put16(head + 10, ss_checksum_finish(ss_checksum_add(0, head, datagram->head_bytes)));
}

static void hand_over(struct ss_fragments *fragments, struct datagram *datagram,
                      struct ss_fragment *fragment)
{
    uint8_t *head = datagram->octets + HEAD_BYTES_MAX - datagram->head_bytes;
    mend_head(datagram, head);
    fragment->fate = SS_FRAGMENT_WHOLE;
    fragment->octets = head;
    fragment->length = datagram->head_bytes + datagram->total;
    fragment->ip_checksum_bad = datagram->ip_checksum_bad;
    fragment->frame_count = datagram->frame_count;
    memcpy(fragment->frames, datagram->frames, sizeof(fragment->frames));
    take_out(fragments, datagram);
    fragments->count.whole++;
    fragments->handed_over = datagram;
}

/* What a datagram that was dropped had is not needed. */
static void drop(struct ss_fragments *fragments, struct datagram *datagram)
{
    fragments->bytes -= datagram->room;
    datagram->room = 0;
    free(datagram->octets);
    datagram->octets = NULL;
    datagram->dropped = true;
}

static enum ss_fragment_fate add(struct ss_fragments *fragments, struct datagram *datagram,
                                 const struct piece *piece, struct ss_fragment *fragment)
{
    size_t end = piece->offset + piece->length;
    if (datagram->dropped)
        return SS_FRAGMENT_DROPPED;
    if (contradicts_end(datagram, piece) || is_too_long(datagram, piece))
        return SS_FRAGMENT_MALFORMED;
    if (!grow(fragments, datagram, end))
        return SS_FRAGMENT_DROPPED;
    bool brings = brings_new(datagram, piece, fragment);
    if (!brings && !fragment->conflicts && (piece->more || datagram->total > 0)) {
        fragment->overlaps = false;
        return SS_FRAGMENT_REPEATED;
    }
    if (fragment->overlaps && piece->key.source.version == 6) {
        drop(fragments, datagram);
        return SS_FRAGMENT_DROPPED;
    }
    copy_new(datagram, piece);
    take_head(datagram, piece);
    datagram->highest = end > datagram->highest ? end : datagram->highest;
    if (!piece->more)
        datagram->total = end;
    return SS_FRAGMENT_KEPT;
}

/* --- from outside -------------------------------------------------------------------------------
 */

struct ss_fragments *ss_fragments_new(void)
{
    return calloc(1, sizeof(struct ss_fragments));
}

void ss_fragments_free(struct ss_fragments *fragments)
{
    while (fragments && fragments->oldest)
        forget(fragments, fragments->oldest, &fragments->count.expired);
    if (fragments)
        free_datagram(fragments->handed_over);
    free(fragments);
}

static void note_frame(struct datagram *datagram, const struct ss_packet *packet, uint64_t number)
{
    if (datagram->frame_count < SS_FRAGMENTS_FRAMES_MAX)
        datagram->frames[datagram->frame_count] = number;
    datagram->frame_count++;
    if (packet->ip_checksum == SS_CHECKSUM_BAD)
        datagram->ip_checksum_bad = true;
}

void ss_fragments_take(struct ss_fragments *fragments, const struct ss_packet *packet,
                       uint64_t number, uint64_t time_ns, struct ss_fragment *fragment)
{
    struct piece piece;
    *fragment = (struct ss_fragment){.fate = SS_FRAGMENT_NONE};
    if (!packet->fragment)
        return;
    fragment->fate = SS_FRAGMENT_MALFORMED;
    if (!read_piece(packet, &piece))
        return;
    /* The packet may lie in what was handed over last: that is freed when it has been read. */
    struct datagram *before = fragments->handed_over;
    fragments->handed_over = NULL;
    expire(fragments, time_ns);
    struct datagram *datagram = find_or_begin(fragments, &piece.key, time_ns);
    fragment->fate = datagram ? add(fragments, datagram, &piece, fragment) : SS_FRAGMENT_DROPPED;
    if (fragment->fate == SS_FRAGMENT_KEPT)
        note_frame(datagram, packet, number);
    if (fragment->fate == SS_FRAGMENT_KEPT && is_whole(datagram))
        hand_over(fragments, datagram, fragment);
    else if (datagram)
        keep_bounds(fragments, datagram);
    free_datagram(before);
}

struct ss_fragments_count ss_fragments_count(const struct ss_fragments *fragments)
{
    return fragments->count;
}
