/*
 * preview_sums: of a segment, the parts as it was built of them, whatever its fields say of
 * lengths; of any other datagram, those that are read from it.
 */
#include "preview_sums.h"

#include <stdio.h>
#include <string.h>

#include "dissection_parts.h"
#include "ladder_parts.h"
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

/* Of what is no segment: layer by layer, as `explain` works them out. */
static void write_layers(struct ss_lines *lines, const struct ss_preview *preview)
{
    struct ss_stack stack;
    struct ss_stack_faults faults;
    struct ss_stack_checksum checksum;
    struct ss_sum sum;
    char title[32];
    ss_stack_dissect(ss_draft_link(preview->draft), preview->octets, preview->length, &stack,
                     &faults);
    for (size_t i = 0; i < stack.quoted && i < stack.count; i++) {
        if (!ss_stack_checksum(&stack, preview->octets, preview->length, i, &checksum) ||
            !ss_dissection_sum(&stack, preview->octets, i, &checksum, &sum))
            continue;
        const struct ss_sum_sent sent = {.actual = checksum.actual,
                                         .expected = checksum.expected,
                                         .state = checksum.state,
                                         .asked = true};
        snprintf(title, sizeof(title), "%s checksum", ss_layer_table(stack.layers[i].kind)->title);
        ss_ladder_write_title(lines, title);
        ss_sum_write(lines, &sum, &sent);
    }
}

void ss_preview_write_sums(struct ss_lines *lines, const struct ss_preview *preview)
{
    const struct ss_craft *craft = &preview->draft->craft;
    if (preview->draft->protocol != SS_PROTOCOL_TCP) {
        write_layers(lines, preview);
        return;
    }
    if (craft->version == 4)
        write_ipv4(lines, preview->octets);
    write_tcp(lines, craft,
              preview->octets +
                  (craft->version == 4 ? SS_IPV4_HEADER_BYTES : SS_IPV6_HEADER_BYTES));
}
