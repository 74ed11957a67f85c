/* preview_sums: the parts as the segment was built of them, whatever its fields say of lengths. */
#include "preview_sums.h"

#include <string.h>

#include "ladder_parts.h"
#include "sum.h"
#include "synstep/bytes.h"

enum { IPV4_CHECKSUM_OFFSET = 10, TCP_CHECKSUM_OFFSET = 16, PSEUDO_BYTES_MAX = 40 };

/* What is in the field may have been given, or corrupted. */
static void write_sum(struct ss_lines *lines, const char *title, struct ss_sum *sum,
                      const uint8_t *field)
{
    struct ss_sum_sent sent = {.actual = ss_bytes_get16(field), .asked = true};
    ss_sum_work_out(sum);
    sent.expected = sum->complement;
    sent.state = sent.actual == sent.expected ? SS_CHECKSUM_GOOD : SS_CHECKSUM_BAD;
    ss_ladder_write_title(lines, title);
    ss_sum_write(lines, sum, &sent);
}

static void write_ipv4(struct ss_lines *lines, const uint8_t *octets)
{
    struct ss_sum sum = {0};
    ss_sum_add_header(&sum, octets, SS_IPV4_HEADER_BYTES, IPV4_CHECKSUM_OFFSET);
    write_sum(lines, "IPv4 checksum", &sum, octets + IPV4_CHECKSUM_OFFSET);
}

/* RFC 9293 section 3.1, RFC 8200 section 8.1. Returns how many octets it has. */
static size_t make_pseudo_header(const struct ss_craft *craft, size_t length,
                                 uint8_t octets[PSEUDO_BYTES_MAX])
{
    bool v4 = craft->version == 4;
    const struct ss_address *source = v4 ? &craft->ipv4.source : &craft->ipv6.source;
    const struct ss_address *destination = v4 ? &craft->ipv4.destination : &craft->ipv6.destination;
    size_t each = ss_address_length(source);
    memset(octets, 0, PSEUDO_BYTES_MAX);
    memcpy(octets, source->octets, each);
    memcpy(octets + each, destination->octets, each);
    octets += 2 * each;
    if (v4) {
        octets[1] = SS_IP_TCP;
        ss_bytes_put16(octets + 2, (uint16_t)length);
        return 2 * each + 4;
    }
    ss_bytes_put32(octets, (uint32_t)length);
    octets[7] = SS_IP_TCP;
    return 2 * each + 8;
}

static void write_tcp(struct ss_lines *lines, const struct ss_craft *craft, const uint8_t *octets)
{
    struct ss_sum sum = {0};
    uint8_t pseudo[PSEUDO_BYTES_MAX];
    size_t options = (craft->options_length + 3) & ~(size_t)3;
    size_t header = SS_TCP_HEADER_BYTES + options;
    size_t pseudo_length = make_pseudo_header(craft, header + craft->payload_length, pseudo);
    ss_sum_add(&sum, "pseudo-header", pseudo, pseudo_length);
    ss_sum_add_header(&sum, octets, SS_TCP_HEADER_BYTES, TCP_CHECKSUM_OFFSET);
    ss_sum_add(&sum, "options", octets + SS_TCP_HEADER_BYTES, options);
    ss_sum_add(&sum, "payload", octets + header, craft->payload_length);
    write_sum(lines, "TCP checksum", &sum, octets + TCP_CHECKSUM_OFFSET);
}

void ss_preview_write_sums(struct ss_lines *lines, const struct ss_preview *preview)
{
    const struct ss_craft *craft = &preview->draft->craft;
    if (craft->version == 4)
        write_ipv4(lines, preview->octets);
    write_tcp(lines, craft,
              preview->octets +
                  (craft->version == 4 ? SS_IPV4_HEADER_BYTES : SS_IPV6_HEADER_BYTES));
}
