/* preview_sums: each part's sum, their total, folded, complemented. */
#include "preview_sums.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dissection_parts.h"
#include "ladder_parts.h"
#include "synstep/bytes.h"
#include "synstep/checksum.h"
#include "synstep/stack_check.h"

enum {
    NAME_COLUMN = 8,
    WHAT_COLUMN = 23,
    VALUE_COLUMN = 59,
    IPV4_CHECKSUM_OFFSET = 10,
    TCP_CHECKSUM_OFFSET = 16,
    HEADER_BYTES_MAX = SS_TCP_HEADER_BYTES + SS_TCP_OPTIONS_BYTES_MAX,
};

static void write_row(struct ss_lines *lines, const char *name, const char *what, const char *style,
                      const char *value)
{
    struct ss_text text;
    ss_lines_clear(lines);
    ss_lines_put(lines, NAME_COLUMN, name);
    ss_text_clear(&text);
    ss_text_add(&text, SS_DIM "%s", what);
    ss_lines_put(lines, WHAT_COLUMN, text.octets);
    ss_text_clear(&text);
    ss_text_add(&text, "%s%s", style, value);
    ss_lines_put(lines, VALUE_COLUMN, text.octets);
    ss_lines_print(lines);
}

static void write_sum(struct ss_lines *lines, const char *name, const char *what,
                      ss_checksum_sum sum)
{
    char value[24];
    snprintf(value, sizeof(value), "0x%08" PRIx64, sum);
    write_row(lines, name, what, SS_PLAIN, value);
}

static void write_word(struct ss_lines *lines, const char *name, const char *what,
                       const char *style, uint16_t word)
{
    char value[24];
    snprintf(value, sizeof(value), "    0x%04x", word);
    write_row(lines, name, what, style, value);
}

/* The carries come back in at the right end, until there are none (RFC 1071 section 1). */
static void write_folded(struct ss_lines *lines, ss_checksum_sum sum)
{
    char what[64];
    uint32_t high = (uint32_t)(sum >> 16), low = (uint32_t)(sum & 0xffff);
    const char *again = high + low > 0xffff ? " + the carry" : "";
    snprintf(what, sizeof(what), "0x%04" PRIx32 " + 0x%04" PRIx32 "%s", high, low, again);
    write_word(lines, "folded", what, SS_PLAIN, ss_checksum_fold(sum));
}

/* From the total to what stands in the field, which may have been given or corrupted. */
static void write_end(struct ss_lines *lines, ss_checksum_sum sum, uint16_t sent)
{
    char what[32];
    snprintf(what, sizeof(what), "~0x%04x", ss_checksum_fold(sum));
    write_folded(lines, sum);
    write_word(lines, "complemented", what, SS_GOOD, ss_checksum_finish(sum));
    if (sent != ss_checksum_finish(sum))
        write_word(lines, "sent instead", "as it was asked for", SS_WARN, sent);
}

/* Word by word, so that no carry is folded in on the way: as it is worked out by hand. */
static ss_checksum_sum sum_words(const uint8_t *octets, size_t length)
{
    ss_checksum_sum sum = 0;
    for (size_t i = 0; i < length; i += 2)
        sum = ss_checksum_add(sum, octets + i, length - i < 2 ? 1 : 2);
    return sum;
}

/* The sum of a header whose checksum field, at `field`, counts as zero. */
static ss_checksum_sum sum_header(const uint8_t *octets, size_t length, size_t field)
{
    uint8_t header[HEADER_BYTES_MAX];
    memcpy(header, octets, length);
    ss_bytes_put16(header + field, 0);
    return sum_words(header, length);
}

static void write_ipv4(struct ss_lines *lines, const uint8_t *octets)
{
    ss_checksum_sum sum = sum_header(octets, SS_IPV4_HEADER_BYTES, IPV4_CHECKSUM_OFFSET);
    ss_ladder_write_title(lines, "IPv4 checksum");
    write_sum(lines, "header", "20 octets, this field as 0", sum);
    write_end(lines, sum, ss_bytes_get16(octets + IPV4_CHECKSUM_OFFSET));
}

static ss_checksum_sum write_pseudo_header(struct ss_lines *lines, const struct ss_craft *craft,
                                           size_t length)
{
    bool v4 = craft->version == 4;
    const struct ss_address *source = v4 ? &craft->ipv4.source : &craft->ipv6.source;
    const struct ss_address *destination = v4 ? &craft->ipv4.destination : &craft->ipv6.destination;
    char what[48];
    ss_checksum_sum sum = SS_IP_TCP + length;
    sum += sum_words(source->octets, ss_address_length(source));
    sum += sum_words(destination->octets, ss_address_length(destination));
    snprintf(what, sizeof(what), "addresses, protocol %d, length %zu", SS_IP_TCP, length);
    write_sum(lines, "pseudo-header", what, sum);
    return sum;
}

static ss_checksum_sum write_payload(struct ss_lines *lines, const uint8_t *octets, size_t length)
{
    char what[48];
    ss_checksum_sum sum = sum_words(octets, length);
    snprintf(what, sizeof(what), "%zu octet%s%s", length, length == 1 ? "" : "s",
             length % 2 ? ", padded by a 0" : "");
    write_sum(lines, "payload", what, sum);
    return sum;
}

static void write_tcp(struct ss_lines *lines, const struct ss_craft *craft, const uint8_t *octets)
{
    size_t header = SS_TCP_HEADER_BYTES + ((craft->options_length + 3) & ~(size_t)3);
    char what[48];
    ss_ladder_write_title(lines, "TCP checksum");
    ss_checksum_sum total = write_pseudo_header(lines, craft, header + craft->payload_length);
    ss_checksum_sum sum = sum_header(octets, header, TCP_CHECKSUM_OFFSET);
    snprintf(what, sizeof(what), "%zu octets, this field as 0", header);
    write_sum(lines, "TCP header", what, sum);
    total += sum;
    if (craft->payload_length > 0)
        total += write_payload(lines, octets + header, craft->payload_length);
    write_sum(lines, "sum", "", total);
    write_end(lines, total, ss_bytes_get16(octets + TCP_CHECKSUM_OFFSET));
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
            !ss_sum_work_out(&stack, preview->octets, i, &checksum, &sum))
            continue;
        snprintf(title, sizeof(title), "%s checksum", ss_layer_table(stack.layers[i].kind)->title);
        ss_ladder_write_title(lines, title);
        ss_dissection_write_sum(lines, &sum, &checksum);
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
