/*
 * probe_fast: the n-th frame from the first one, where nothing but the values of fields differs:
 * they are put into a template, and both checksums follow by the difference.
 */
#include <stdlib.h>
#include <string.h>

#include "probe_parts.h"
#include "synstep/bytes.h"
#include "synstep/template.h"

enum { WORD_BYTES = 2, WORD_BITS = 16, NUMBER_WORDS_MAX = 3 };

/* A field that differs: where it is, in whole words, so that a checksum is spared its halves. */
struct move {
    size_t value;   /* which of the probe's */
    size_t at;      /* its first word, from the frame's start */
    size_t words;   /* that hold it */
    uint64_t mask;  /* of its bits within them; 0: they are all its own, and more than 32 bits */
    unsigned below; /* bits of the last word that are not its own */
};

struct probe_fast {
    uint8_t *octets; /* the first frame, whole */
    size_t length;
    size_t datagram; /* where IP begins in it */
    struct ss_template template;
    struct ss_stack stack; /* where its layers are: in all frames the same */
    bool counts_id;        /* IPv4's id is another one in each frame */
    uint64_t alike;     /* frames that have the same headers, one after another; 0: all of them */
    uint64_t heads_end; /* from there on all headers were there before */
    size_t move_count;
    struct move moves[PROBE_VALUES_MAX];
};

/* --- whether it can be --------------------------------------------------------------------------
 */

static bool is_link(enum ss_layer_kind kind)
{
    return kind == SS_LAYER_ETHER || kind == SS_LAYER_VLAN;
}

static bool has_checksum(enum ss_layer_kind kind)
{
    return kind == SS_LAYER_TCP || kind == SS_LAYER_UDP || kind == SS_LAYER_ICMP ||
           kind == SS_LAYER_ICMP6 || kind == SS_LAYER_IGMP;
}

/*
 * One IP header and one of a transport, as a template has them: a tunnel and a quotation have
 * checksums of their own within; a routing header decides which addresses are summed.
 */
static bool is_plain(const struct ss_stack *stack, size_t *ip, size_t *transport)
{
    size_t i = 0;
    while (i < stack->count && is_link(stack->layers[i].kind))
        i++;
    *ip = i++;
    if (*ip >= stack->count ||
        (stack->layers[*ip].kind != SS_LAYER_IP && stack->layers[*ip].kind != SS_LAYER_IP6))
        return false;
    while (i < stack->count &&
           (stack->layers[i].kind == SS_LAYER_HOP || stack->layers[i].kind == SS_LAYER_DEST))
        i++;
    *transport = i++;
    if (*transport >= stack->count || !has_checksum(stack->layers[*transport].kind))
        return false;
    return i == stack->count || (i + 1 == stack->count && stack->layers[i].kind == SS_LAYER_RAW);
}

/* The card of a group is made from its address, in each frame. */
static bool decides_card(const struct ss_probe *probe, const struct probe_value *value)
{
    enum ss_layer_kind kind = value->series.layer;
    return (kind == SS_LAYER_IP || kind == SS_LAYER_IP6) &&
           ss_probe_link(probe) == SS_LINK_ETHERNET &&
           strcmp(ss_layer_table(kind)->fields[value->series.field].name, "dst") == 0;
}

/* A fragment's end is checked in each frame; what the rest is must be the same in all. */
static bool may_differ(const struct ss_probe *probe, const struct probe_value *value)
{
    if (value->option_at > 0)
        return true;
    const struct ss_layer_field *field =
        &ss_layer_table(value->series.layer)->fields[value->series.field];
    return field->computed != SS_COMPUTED_NEXT && field->computed != SS_COMPUTED_LENGTH &&
           strcmp(field->name, "version") != 0 && strcmp(field->name, "mf") != 0 &&
           strcmp(field->name, "offset") != 0 && !decides_card(probe, value);
}

/* What is given last is what counts: the first frame has that, later ones must not lose it. */
static bool is_given_again(const struct ss_probe *probe, size_t i)
{
    const struct probe_value *value = &probe->values[i];
    for (size_t later = i + 1; later < probe->value_count; later++)
        if (probe->values[later].layer == value->layer &&
            probe_overlap(probe_bits_of(&probe->values[later]), probe_bits_of(value)))
            return true;
    return false;
}

/* --- moves --------------------------------------------------------------------------------------
 */

/* False when its words are not the frame's. */
static bool place(const struct probe_fast *fast, const struct probe_value *value, struct move *move)
{
    struct probe_bits bits = probe_bits_of(value);
    size_t begin = fast->stack.offset[value->layer] * 8 + bits.first, end = begin + bits.count;
    move->at = begin / WORD_BITS * WORD_BYTES;
    move->words = (end + WORD_BITS - 1) / WORD_BITS - begin / WORD_BITS;
    move->below = (unsigned)((WORD_BITS - end % WORD_BITS) % WORD_BITS);
    if (bits.count <= 32)
        move->mask = ((UINT64_C(1) << bits.count) - 1) << move->below;
    else if (begin % WORD_BITS != 0 || move->below != 0)
        return false;
    return move->at + move->words * WORD_BYTES <= fast->length;
}

/* Whether it decides whom a frame is for: its headers up to IP's do, and the port that UDP is for.
 */
static bool is_in_headers(const struct probe_fast *fast, const struct move *move)
{
    size_t transport = fast->datagram + fast->template.transport_offset;
    size_t port = transport + 2, end = move->at + move->words * WORD_BYTES;
    bool udp = fast->template.protocol == SS_IP_UDP;
    return move->at < transport || (udp && move->at < port + 2 && end > port);
}

/* Counted or random: no list tells which values it has. */
static bool is_endless(const struct ss_series *series)
{
    for (size_t i = 0; i < series->item_count; i++)
        if (series->items[i].kind == SS_SERIES_RANDOM || series->items[i].step != 0)
            return true;
    return false;
}

/* The strides of lists divide each other, and so do the ends of their rounds. */
static void count_heads(struct probe_fast *fast, const struct probe_value *value)
{
    bool endless = is_endless(&value->series);
    uint64_t alike = endless ? 1 : value->stride;
    uint64_t end = endless ? UINT64_MAX : value->stride * value->series.count;
    if (fast->alike == 0 || alike < fast->alike)
        fast->alike = alike;
    if (end > fast->heads_end)
        fast->heads_end = end;
}

static bool add_moves(const struct ss_probe *probe, struct probe_fast *fast)
{
    for (size_t i = 0; i < probe->value_count; i++) {
        const struct probe_value *value = &probe->values[i];
        struct move *move = &fast->moves[fast->move_count];
        if (!ss_series_differs(&value->series))
            continue;
        if (is_given_again(probe, i) || !may_differ(probe, value))
            return false;
        *move = (struct move){.value = i};
        if (!place(fast, value, move))
            return false;
        if (is_in_headers(fast, move))
            count_heads(fast, value);
        fast->move_count++;
    }
    return true;
}

/* --- the first frame ----------------------------------------------------------------------------
 */

static bool is_checksum_set(const struct ss_layer *layer)
{
    size_t field;
    return ss_layer_field_from_name(layer->kind, "checksum", &field) &&
           ss_layer_is_set(layer, field);
}

/* The template must agree with what was built, word for word, before it is trusted with more. */
static bool take_template(struct probe_fast *fast, size_t ip, size_t transport)
{
    uint32_t verbatim = 0;
    uint8_t *datagram = fast->octets + fast->datagram;
    size_t length = fast->length - fast->datagram;
    uint8_t *before = malloc(length);
    if (is_checksum_set(&fast->stack.layers[ip]))
        verbatim |= SS_TEMPLATE_IP_CHECKSUM;
    if (is_checksum_set(&fast->stack.layers[transport]))
        verbatim |= SS_TEMPLATE_TRANSPORT_CHECKSUM;
    if (before)
        memcpy(before, datagram, length);
    bool same =
        before && ss_template_of(datagram, length, verbatim, &fast->template) == SS_OK &&
        fast->template.transport_offset == fast->stack.offset[transport] - fast->stack.offset[ip] &&
        memcmp(before, datagram, length) == 0;
    free(before);
    return same;
}

static bool build_first(const struct ss_probe *probe, struct probe_fast *fast)
{
    size_t ip, transport;
    if (!is_plain(&probe->stack, &ip, &transport) ||
        probe_lay(probe, 0, &fast->stack, fast->octets, SS_FRAME_BYTES_MAX, &fast->length, NULL) !=
            SS_OK)
        return false;
    fast->datagram = fast->stack.offset[ip];
    fast->counts_id = probe->stack.layers[ip].kind == SS_LAYER_IP &&
                      !probe_is_given(probe, ip, probe->fields.ip_id);
    return fast->datagram % WORD_BYTES == 0 && take_template(fast, ip, transport);
}

void probe_fast_free(struct probe_fast *fast)
{
    if (fast)
        free(fast->octets);
    free(fast);
}

struct probe_fast *probe_fast_new(const struct ss_probe *probe)
{
    struct probe_fast *fast = calloc(1, sizeof(*fast));
    if (!fast)
        return NULL;
    fast->octets = malloc(SS_FRAME_BYTES_MAX);
    if (fast->octets && build_first(probe, fast) && add_moves(probe, fast))
        return fast;
    probe_fast_free(fast);
    return NULL;
}

void probe_fast_renew(struct ss_probe *probe)
{
    probe_fast_free(probe->fast);
    probe->fast = probe_fast_new(probe);
}

/* A checksum that was set may be right beside one id and wrong beside the next. */
uint64_t probe_fast_next_head(const struct probe_fast *fast, uint64_t n)
{
    if (fast->counts_id && fast->template.ip.at == 0)
        return n + 1;
    if (fast->alike == 0 || n + fast->alike >= fast->heads_end)
        return UINT64_MAX;
    return n + fast->alike;
}

/* --- the others ---------------------------------------------------------------------------------
 */

/* A word of the link's header is in no checksum. */
static void put_word(const struct probe_fast *fast, struct ss_template *template, uint8_t *octets,
                     size_t at, uint16_t word)
{
    if (at < fast->datagram)
        ss_bytes_put16(octets + at, word);
    else
        ss_template_put16(template, at - fast->datagram, word);
}

static void put_octets(const struct probe_fast *fast, struct ss_template *template, uint8_t *octets,
                       const struct move *move, const struct probe_value *value,
                       const struct ss_series_at *at)
{
    uint8_t address[16];
    ss_series_octets(&value->series, at, address);
    for (size_t i = 0; i < move->words; i++)
        put_word(fast, template, octets, move->at + i * WORD_BYTES,
                 ss_bytes_get16(address + i * WORD_BYTES));
}

static void put_number(const struct probe_fast *fast, struct ss_template *template, uint8_t *octets,
                       const struct move *move, uint32_t number)
{
    uint64_t words = 0;
    for (size_t i = 0; i < move->words; i++)
        words = words << WORD_BITS | ss_bytes_get16(octets + move->at + i * WORD_BYTES);
    words = (words & ~move->mask) | ((uint64_t)number << move->below & move->mask);
    for (size_t i = move->words; i-- > 0; words >>= WORD_BITS)
        put_word(fast, template, octets, move->at + i * WORD_BYTES, (uint16_t)words);
}

bool probe_fast_build(const struct ss_probe *probe, uint64_t n, uint8_t *octets, size_t size,
                      struct probe_built *built)
{
    const struct probe_fast *fast = probe->fast;
    if (!fast || size < fast->length)
        return false;
    struct ss_template template = fast->template;
    memcpy(octets, fast->octets, fast->length);
    template.octets = octets + fast->datagram;
    for (size_t i = 0; i < fast->move_count; i++) {
        const struct move *move = &fast->moves[i];
        const struct probe_value *value = &probe->values[move->value];
        const struct ss_series_at at = probe_place_in(probe, move->value, n);
        if (move->mask == 0)
            put_octets(fast, &template, octets, move, value, &at);
        else
            put_number(fast, &template, octets, move, ss_series_number(&value->series, &at));
    }
    if (fast->counts_id)
        ss_template_put_id(&template, probe_id(probe, n));
    ss_template_finish(&template);
    *built = (struct probe_built){.stack = &fast->stack, .length = fast->length};
    return true;
}
