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

void ss_ethernet_format(char text[SS_ETHERNET_TEXT_SIZE],
                        const uint8_t card[SS_ETHERNET_ADDRESS_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SS_ETHERNET_ADDRESS_BYTES; i++) {
        text[3 * i] = digits[card[i] >> 4];
        text[3 * i + 1] = digits[card[i] & 15];
        text[3 * i + 2] = ':';
    }
    text[SS_ETHERNET_TEXT_SIZE - 1] = '\0';
}
