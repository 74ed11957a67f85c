/*
 * link_header: the lengths of the link headers that Linux interfaces have.
 */
#include "link_header.h"

#include <pcap/dlt.h>

/* The filter has seen to it that IP follows; only how far away it is remains to be known. */
static const struct {
    int link_type;
    size_t header_bytes;
} headers[] = {
    {DLT_EN10MB, 14}, {DLT_RAW, 0},  {DLT_IPV4, 0},       {DLT_IPV6, 0},
    {DLT_NULL, 4},    {DLT_LOOP, 4}, {DLT_LINUX_SLL, 16}, {DLT_LINUX_SLL2, 20},
};

static bool find(int link_type, size_t *header_bytes)
{
    for (size_t each = 0; each < sizeof headers / sizeof *headers; each++) {
        if (headers[each].link_type == link_type) {
            *header_bytes = headers[each].header_bytes;
            return true;
        }
    }
    return false;
}

bool ss_link_header_known(int link_type)
{
    size_t ignored;
    return find(link_type, &ignored);
}

bool ss_link_header_skip(int link_type, size_t frame_length, size_t *offset)
{
    size_t header_bytes;
    if (!find(link_type, &header_bytes) || frame_length <= header_bytes)
        return false;
    *offset = header_bytes;
    return true;
}
