/* isn_hosts: a table of fixed size; each host may lie in one of eight places. */
#include "synstep/isn_hosts.h"

#include <stdlib.h>
#include <string.h>

enum { SETS = 1024, PLACES = 8 };

struct place {
    struct ss_address address; /* version 0: free */
    struct ss_isn_host host;
};

struct ss_isn_hosts {
    struct place (*sets)[PLACES];
    struct ss_isn_told told[SS_ISN_TOLD_MAX];
    uint64_t told_count;
};

_Static_assert(sizeof(struct place[SETS][PLACES]) < 1536 * 1024, "1 MB, as it is said");

struct ss_isn_hosts *ss_isn_hosts_new(void)
{
    struct ss_isn_hosts *made = calloc(1, sizeof(*made));
    if (!made)
        return NULL;
    made->sets = calloc(SETS, sizeof(*made->sets));
    if (made->sets)
        return made;
    free(made);
    return NULL;
}

void ss_isn_hosts_free(struct ss_isn_hosts *hosts)
{
    if (!hosts)
        return;
    free(hosts->sets);
    free(hosts);
}

/* An odd number with its bits all over: a multiplication by it mixes upward. */
static uint64_t mix(uint64_t value)
{
    value *= UINT64_C(0x9e3779b97f4a7c15);
    return value ^ (value >> 32);
}

static uint64_t hash_address(const struct ss_address *address)
{
    uint64_t halves[2];
    memcpy(halves, address->octets, sizeof(halves));
    return mix(mix(halves[0] ^ address->version) + halves[1]);
}

/* Of both ends, the sender first; what it hides is one ISN in 500 million. */
static uint32_t hash_ends(const struct ss_packet *packet)
{
    uint64_t ports = (uint64_t)packet->tcp.source_port << 16 | packet->tcp.destination_port;
    return (uint32_t)mix(hash_address(&packet->source) + ports) ^
           (uint32_t)(mix(hash_address(&packet->destination) + (ports << 20)) >> 3);
}

/* The place of an address: its own, a free one, or that of whoever chose least. */
static struct place *find(struct ss_isn_hosts *hosts, const struct ss_address *address)
{
    struct place *set = hosts->sets[hash_address(address) % SETS], *least = &set[0];
    for (int i = 0; i < PLACES; i++) {
        if (ss_address_equal(&set[i].address, address))
            return &set[i];
        if (set[i].host.count < least->host.count)
            least = &set[i];
    }
    *least = (struct place){.address = *address};
    return least;
}

static bool is_believed(const struct ss_packet *packet)
{
    const uint32_t cut = SS_FAULT_TRANSPORT_CUT | SS_FAULT_TCP_OFFSET;
    return (packet->tcp.flags & (SS_TCP_SYN | SS_TCP_FIN | SS_TCP_RST)) == SS_TCP_SYN &&
           packet->transport_checksum != SS_CHECKSUM_BAD &&
           packet->ip_checksum != SS_CHECKSUM_BAD && !(packet->faults & cut);
}

static void add_verdict(struct ss_verdicts *verdicts, const struct ss_isn_found *found)
{
    if (verdicts->count == SS_VERDICTS_MAX)
        return;
    verdicts->list[verdicts->count++] = (struct ss_verdict){
        .rule = SS_RULE_ISN_PREDICTABLE,
        .level = SS_VERDICT_WARNING,
        .numbers = SS_NUMBERS_COUNT,
        .expected = SS_ISN_MISS_BY_CHANCE,
        .actual = found->miss,
    };
}

void ss_isn_hosts_take_syn(struct ss_isn_hosts *hosts, const struct ss_packet *packet,
                           uint64_t frame, uint64_t time_us, struct ss_verdicts *verdicts)
{
    const struct ss_isn_choice choice = {time_us, packet->tcp.seq, hash_ends(packet)};
    struct ss_isn_found found;
    if (!is_believed(packet) || packet->source.version == 0)
        return;
    if (!ss_isn_take(&find(hosts, &packet->source)->host, &choice, &found))
        return;
    add_verdict(verdicts, &found);
    if (hosts->told_count < SS_ISN_TOLD_MAX)
        hosts->told[hosts->told_count] = (struct ss_isn_told){packet->source, frame, found};
    hosts->told_count++;
}

const struct ss_isn_told *ss_isn_hosts_told(const struct ss_isn_hosts *hosts, size_t *count,
                                            uint64_t *all)
{
    *all = hosts->told_count;
    *count = hosts->told_count < SS_ISN_TOLD_MAX ? (size_t)hosts->told_count : SS_ISN_TOLD_MAX;
    return hosts->told;
}
