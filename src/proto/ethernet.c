/*
 * ethernet: the 14-octet header, read and written.
 */
#include "synstep/ethernet.h"

#include <string.h>

#include "synstep/bytes.h"

bool ss_ethernet_decode(const uint8_t *octets, size_t length, struct ss_ethernet_header *header)
{
    if (length < SS_ETHERNET_HEADER_BYTES)
        return false;
    memcpy(header->destination, octets, SS_ETHERNET_ADDRESS_BYTES);
    memcpy(header->source, octets + SS_ETHERNET_ADDRESS_BYTES, SS_ETHERNET_ADDRESS_BYTES);
    header->type = ss_bytes_get16(octets + 12);
    return true;
}

void ss_ethernet_encode(const struct ss_ethernet_header *header,
                        uint8_t octets[SS_ETHERNET_HEADER_BYTES])
{
    memcpy(octets, header->destination, SS_ETHERNET_ADDRESS_BYTES);
    memcpy(octets + SS_ETHERNET_ADDRESS_BYTES, header->source, SS_ETHERNET_ADDRESS_BYTES);
    ss_bytes_put16(octets + 12, header->type);
}
