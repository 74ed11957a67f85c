/*
 * capture_file: libpcap reads the file; what lies before the IP header is passed here.
 */
#include "synstep/capture_file.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synstep/bytes.h"
#include "synstep/ethernet.h"

/* What libpcap of before 1.10 has no names for. */
enum { LINK_RAW_FILE = 101, LINK_COOKED_2 = 276 };

struct ss_capture_file {
    pcap_t *pcap;
    int link; /* DLT_… */
    uint64_t frames;
    bool broken;
    char path[128]; /* for the words */
};

/* --- what lies before the IP header -------------------------------------------------------------
 */

static bool is_ip(uint16_t ethertype)
{
    return ethertype == SS_ETHERTYPE_IPV4 || ethertype == SS_ETHERTYPE_IPV6;
}

static bool is_tag(uint16_t ethertype)
{
    enum { SERVICE_TAG = 0x88a8 }; /* IEEE 802.1ad */
    return ethertype == SS_ETHERTYPE_VLAN || ethertype == SERVICE_TAG;
}

/*
 * Linux cooked, by the offset of its EtherType and its length (pcap-linktype(7)): a VLAN tag may
 * follow the header.
 */
static bool pass_cooked(struct ss_cursor *cursor, size_t type_at, size_t header_bytes)
{
    enum { TAGS_MAX = 2 };
    const uint8_t *header = ss_cursor_take(cursor, header_bytes);
    uint16_t type = header ? ss_bytes_get16(header + type_at) : 0;
    for (int tags = 0; tags < TAGS_MAX && is_tag(type); tags++) {
        (void)ss_cursor_take16(cursor);
        type = ss_cursor_take16(cursor);
    }
    return is_ip(type);
}

/*
 * BSD loopback: an address family of 32 bits in the byte order of whoever wrote the file, or in the
 * network's. That of IPv6 has another number on each system.
 */
static bool pass_family(struct ss_cursor *cursor)
{
    static const uint8_t families[] = {2, 10, 24, 28, 30};
    const uint8_t *octets = ss_cursor_take(cursor, 4);
    if (!octets || octets[1] || octets[2] || (octets[0] && octets[3]))
        return false;
    return memchr(families, octets[0] | octets[3], sizeof(families)) != NULL;
}

/* Moves the cursor to where `*link` begins; false when there is no IP. */
static bool pass_link(int type, struct ss_cursor *cursor, enum ss_link *link)
{
    *link = SS_LINK_IP;
    switch (type) {
    case DLT_EN10MB:
        *link = SS_LINK_ETHERNET; /* its EtherType is looked at by ss_packet_decode */
        return true;
    case DLT_LINUX_SLL:
        return pass_cooked(cursor, 14, 16);
    case LINK_COOKED_2:
        return pass_cooked(cursor, 0, 20);
    case DLT_NULL:
    case DLT_LOOP:
        return pass_family(cursor);
    default:
        return true;
    }
}

static bool is_known(int type)
{
    static const int known[] = {DLT_EN10MB, DLT_RAW,       LINK_RAW_FILE, DLT_IPV4, DLT_IPV6,
                                DLT_NULL,   DLT_LINUX_SLL, LINK_COOKED_2, DLT_LOOP};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (type == known[i])
            return true;
    return false;
}

/* --- the file -----------------------------------------------------------------------------------
 */

static enum ss_status refuse_link(const char *path, int type, struct ss_problem *problem)
{
    const char *name = pcap_datalink_val_to_name(type);
    return ss_problem_set(problem, SS_UNREADABLE,
                          "%s was captured on link type %s (%d), which is not read here; Ethernet, "
                          "raw IP, Linux cooked and BSD loopback are",
                          path, name ? name : "unknown", type);
}

/* `stream` is libpcap's from here on, unless this fails. */
static pcap_t *open_pcap(FILE *stream, const char *path, struct ss_problem *problem)
{
    char trouble[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_MICRO, trouble);
    if (!pcap)
        ss_problem_set(problem, SS_UNREADABLE, "%s is no capture file: %s", path, trouble);
    return pcap;
}

static enum ss_status open_stream(struct ss_capture_file *file, FILE *stream,
                                  struct ss_problem *problem)
{
    file->pcap = open_pcap(stream, file->path, problem);
    if (!file->pcap) {
        if (stream != stdin)
            fclose(stream);
        return SS_UNREADABLE;
    }
    file->link = pcap_datalink(file->pcap);
    return is_known(file->link) ? SS_OK : refuse_link(file->path, file->link, problem);
}

enum ss_status ss_capture_file_open(const char *path, struct ss_capture_file **file,
                                    struct ss_problem *problem)
{
    bool standard_input = strcmp(path, "-") == 0;
    struct ss_capture_file *made = calloc(1, sizeof(*made));
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory for the capture file");
    snprintf(made->path, sizeof(made->path), "%s", standard_input ? "standard input" : path);
    FILE *stream = standard_input ? stdin : fopen(path, "rbe");
    enum ss_status status = SS_OK;
    if (!stream)
        status =
            ss_problem_set(problem, SS_UNREADABLE, "cannot read %s: %s", path, strerror(errno));
    else
        status = open_stream(made, stream, problem);
    if (status == SS_OK)
        *file = made;
    else
        ss_capture_file_close(made);
    return status;
}

bool ss_capture_file_next(struct ss_capture_file *file, struct ss_capture_frame *frame)
{
    struct pcap_pkthdr *header;
    const u_char *octets;
    int got = file->broken ? 0 : pcap_next_ex(file->pcap, &header, &octets);
    file->broken = got == PCAP_ERROR || file->broken;
    if (got != 1)
        return false;
    struct ss_cursor cursor = ss_cursor_over(octets, header->caplen);
    *frame = (struct ss_capture_frame){.number = ++file->frames};
    frame->time_us = (uint64_t)header->ts.tv_sec * 1000000 + (uint64_t)header->ts.tv_usec;
    frame->missing_bytes = header->len > header->caplen ? header->len - header->caplen : 0;
    bool is_readable = pass_link(file->link, &cursor, &frame->link) && !cursor.short_;
    frame->octets = cursor.at;
    frame->length = is_readable ? ss_cursor_left(&cursor) : 0;
    return true;
}

enum ss_status ss_capture_file_ended(const struct ss_capture_file *file, struct ss_problem *problem)
{
    char before[48] = "nothing came before it";
    if (!file->broken)
        return SS_OK;
    if (file->frames > 0)
        snprintf(before, sizeof(before), "the %" PRIu64 " before it were read", file->frames);
    return ss_problem_set(problem, SS_UNREADABLE, "%s breaks off at frame %" PRIu64 ": %s; %s",
                          file->path, file->frames + 1, pcap_geterr(file->pcap), before);
}

void ss_capture_file_close(struct ss_capture_file *file)
{
    if (file && file->pcap)
        pcap_close(file->pcap);
    free(file);
}
