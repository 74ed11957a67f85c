/*
 * live_frame: what a packet socket hands over, made to what a capture file would have of it.
 */
#include <arpa/inet.h>
#include <string.h>

#include "live_parts.h"
#include "synstep/bytes.h"

/*
 * The header of LINKTYPE_LINUX_SLL2. A tag stands behind it with the type that it had taken the
 * place of, as it would behind Ethernet's addresses.
 */
static uint8_t *cook(const struct sockaddr_ll *from, const struct ss_told *told, uint8_t *octets)
{
    enum { ADDRESS = 8 };
    uint16_t protocol = ntohs(from->sll_protocol);
    if (told->tagged) {
        octets -= SS_TOLD_TAG_BYTES;
        ss_bytes_put16(octets, told->tag);
        ss_bytes_put16(octets + 2, protocol);
        protocol = told->tag_type;
    }
    octets -= LIVE_COOKED_BYTES;
    memset(octets, 0, LIVE_COOKED_BYTES);
    ss_bytes_put16(octets, protocol);
    ss_bytes_put32(octets + 4, (uint32_t)from->sll_ifindex);
    ss_bytes_put16(octets + 8, from->sll_hatype);
    octets[10] = from->sll_pkttype;
    octets[11] = from->sll_halen;
    memcpy(octets + 12, from->sll_addr, ADDRESS);
    return octets;
}

/* Its link header, where one has to be made or mended. */
static void frame_whole(const struct ss_live *live, const struct sockaddr_ll *from,
                        const struct ss_told *told, uint8_t *octets, size_t kept,
                        struct ss_capture_frame *frame)
{
    uint8_t *begins = octets;
    frame->whole_length = kept;
    if (live->linktype == SS_LINKTYPE_ETHERNET) {
        begins = ss_told_restore_tag(told, octets, &frame->whole_length);
    } else if (live->linktype == SS_LINKTYPE_COOKED_2) {
        begins = cook(from, told, octets);
        frame->whole_length += (size_t)(octets - begins);
    }
    frame->whole = begins;
}

static void pass_link(struct ss_capture_frame *frame)
{
    struct ss_cursor cursor = ss_cursor_over(frame->whole, frame->whole_length);
    bool passed = ss_linktype_pass(frame->linktype, &cursor, &frame->link) && !cursor.short_;
    frame->octets = cursor.at;
    frame->length = passed ? ss_cursor_left(&cursor) : 0;
}

/*
 * A card that puts segments together (LRO) leaves the first one's checksum. Of a single segment
 * what the card says counts for nothing: its octets can be looked at.
 */
static bool is_merged(const struct ss_live *live, size_t length)
{
    enum { LINK_BYTES_MAX = 22 }; /* Ethernet's with two tags */
    return live->mtu > 0 && length > live->mtu + LINK_BYTES_MAX;
}

int live_receive(struct ss_live *live, struct ss_capture_frame *frame)
{
    struct ss_told_room control;
    struct sockaddr_ll from = {.sll_pkttype = PACKET_HOST};
    struct iovec into = {.iov_base = live->octets + LIVE_ROOM_BYTES,
                         .iov_len = SS_CAPTURE_FRAME_BYTES_MAX};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &into,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(live->socket, &message, MSG_TRUNC);
    if (length < 0)
        return -1;
    const struct ss_told told = ss_told_of(&message);
    size_t whole = (size_t)length, kept = whole < into.iov_len ? whole : into.iov_len;
    live->dropped = told.dropped;
    *frame = (struct ss_capture_frame){
        .time_ns = told.time_ns,
        .time_us = told.time_ns / 1000,
        .missing_bytes = whole - kept,
        .card_sums = told.unsummed || (told.vouched && is_merged(live, whole)),
        .linktype = live->linktype,
    };
    frame_whole(live, &from, &told, into.iov_base, kept, frame);
    pass_link(frame);
    return 0;
}
