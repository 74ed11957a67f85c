/* dissection_sum: the parts that the checksum of a frame's layer is over. */
#include "dissection_parts.h"

/* A layer's own octets, and all that it carries, as one part each. */
bool ss_dissection_sum(const struct ss_stack *stack, const uint8_t *frame, size_t layer,
                       const struct ss_stack_checksum *checksum, struct ss_sum *sum)
{
    size_t fixed = ss_layer_bytes(&stack->layers[layer]), rest = stack->layers[layer].rest_length;
    const uint8_t *octets = frame + checksum->offset;
    *sum = (struct ss_sum){.count = 0};
    if (checksum->unjudged)
        return false;
    if (rest > checksum->length - fixed)
        rest = checksum->length - fixed;
    ss_sum_add(sum, "pseudo-header", checksum->pseudo, checksum->pseudo_length);
    ss_sum_add_header(sum, octets, fixed, checksum->field_offset - checksum->offset);
    ss_sum_add(sum, "options", octets + fixed, rest);
    ss_sum_add(sum, "payload", octets + fixed + rest, checksum->length - fixed - rest);
    ss_sum_work_out(sum);
    return true;
}
