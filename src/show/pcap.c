/*
 * pcap: classic capture files, written by libpcap.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#include "capture_parts.h"
#include "synstep/wire.h"

struct ss_pcap {
    pcap_t *handle;
    pcap_dumper_t *dumper;
};

static void give_back(struct ss_pcap *pcap)
{
    if (pcap && pcap->handle)
        pcap_close(pcap->handle);
    free(pcap);
}

struct ss_pcap *ss_pcap_open(FILE *out, enum ss_link link)
{
    struct ss_pcap *pcap = calloc(1, sizeof(*pcap));
    if (pcap)
        pcap->handle =
            pcap_open_dead(link == SS_LINK_ETHERNET ? DLT_EN10MB : DLT_RAW, SS_DATAGRAM_BYTES_MAX);
    if (pcap && pcap->handle)
        pcap->dumper = pcap_dump_fopen(pcap->handle, out);
    if (!pcap || !pcap->dumper) {
        give_back(pcap);
        return NULL;
    }
    return pcap;
}

/* pcap_dump tells nothing of its own failure: the stream under it does. */
bool ss_pcap_write_packet(struct ss_pcap *pcap, const struct ss_capture_packet *packet)
{
    const struct pcap_pkthdr header = {
        .ts = {.tv_sec = (time_t)(packet->time_us / 1000000),
               .tv_usec = (suseconds_t)(packet->time_us % 1000000)},
        .caplen = (bpf_u_int32)packet->length,
        .len = (bpf_u_int32)packet->length,
    };
    pcap_dump((u_char *)pcap->dumper, &header, packet->octets);
    int dumped = errno;
    if (pcap_dump_flush(pcap->dumper) != 0)
        return false;
    if (ferror(pcap_dump_file(pcap->dumper)))
        errno = dumped;
    return !ferror(pcap_dump_file(pcap->dumper));
}

void ss_pcap_close(struct ss_pcap *pcap)
{
    pcap_dump_close(pcap->dumper);
    give_back(pcap);
}
