/*
 * told: reads the control messages of packet(7) and socket(7).
 */
#include "told.h"

#include <linux/if_ether.h>
#include <string.h>

#include "synstep/bytes.h"

static void read_time(const struct cmsghdr *from, struct ss_told *told)
{
    struct timespec seen;
    memcpy(&seen, CMSG_DATA(from), sizeof seen);
    told->time_ns = (uint64_t)seen.tv_sec * 1000000000 + (uint64_t)seen.tv_nsec;
}

static void read_auxiliary(const struct cmsghdr *from, struct ss_told *told)
{
    struct tpacket_auxdata aux;
    memcpy(&aux, CMSG_DATA(from), sizeof aux);
    told->tagged = (aux.tp_status & TP_STATUS_VLAN_VALID) != 0;
    told->tag_type = aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q;
    told->tag = aux.tp_vlan_tci;
    told->unsummed = (aux.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
    told->vouched = (aux.tp_status & TP_STATUS_CSUM_VALID) != 0;
}

struct ss_told ss_told_of(struct msghdr *message)
{
    struct ss_told told = {0};
    for (struct cmsghdr *each = CMSG_FIRSTHDR(message); each; each = CMSG_NXTHDR(message, each)) {
        if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SO_TIMESTAMPNS)
            read_time(each, &told);
        else if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SO_RXQ_OVFL)
            memcpy(&told.dropped, CMSG_DATA(each), sizeof told.dropped);
        else if (each->cmsg_level == SOL_PACKET && each->cmsg_type == PACKET_AUXDATA)
            read_auxiliary(each, &told);
    }
    return told;
}

uint8_t *ss_told_restore_tag(const struct ss_told *told, uint8_t *frame, size_t *length)
{
    enum { ADDRESSES = 12, TAG = SS_TOLD_TAG_BYTES };
    if (!told->tagged || *length < ADDRESSES)
        return frame;
    uint8_t *begins = frame - TAG;
    memmove(begins, frame, ADDRESSES);
    ss_bytes_put16(begins + ADDRESSES, told->tag_type);
    ss_bytes_put16(begins + ADDRESSES + 2, told->tag);
    *length += TAG;
    return begins;
}
