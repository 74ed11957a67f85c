/*
 * told: what the kernel tells of a frame beside its octets, to a packet socket that asked for it.
 */
#ifndef SS_WIRE_TOLD_H
#define SS_WIRE_TOLD_H

#include <linux/if_packet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

enum { SS_TOLD_TAG_BYTES = 4 };

/* Room for it, msg_control of recvmsg. */
struct ss_told_room {
    _Alignas(struct cmsghdr)
        uint8_t octets[2 * CMSG_SPACE(sizeof(struct timespec)) +
                       CMSG_SPACE(sizeof(struct tpacket_auxdata)) + CMSG_SPACE(sizeof(uint32_t))];
};

struct ss_told {
    uint64_t time_ns; /* when it was seen, since 1970, UTC; 0: not said (SO_TIMESTAMPNS) */
    bool tagged;      /* a VLAN tag was taken out of it (PACKET_AUXDATA) */
    uint16_t tag_type;
    uint16_t tag;
    bool unsummed;    /* its checksum is left to the card (PACKET_AUXDATA) */
    bool vouched;     /* the card has checked it, or says so */
    uint32_t dropped; /* frames before it for which there was no room, modulo 2^32 (SO_RXQ_OVFL) */
};

struct ss_told ss_told_of(struct msghdr *message);

/*
 * Puts the tag back to where it was on the wire, for which SS_TOLD_TAG_BYTES must be free before an
 * Ethernet frame: where the frame begins now; `*length` grows. As it was, when there is none.
 */
uint8_t *ss_told_restore_tag(const struct ss_told *told, uint8_t *frame, size_t *length);

#endif
