/* scenes_datagrams: what is no segment, as Linux 6 sent it: messages of UDP, ICMP, IGMP
 * and ARP. */
#include <stdio.h>
#include <string.h>

#include "scenes.h"

static void pass_by(struct scene *scene, enum ss_link link, enum ss_side from, enum ss_fate fate,
                    const char *hex)
{
    uint8_t *octets = scene->octets[scene->count];
    struct ss_event *event = scene_datagram(scene);
    size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length; i++) {
        unsigned octet = 0;
        (void)sscanf(hex + 2 * i, "%2x", &octet);
        octets[i] = (uint8_t)octet;
    }
    event->segment.from = from;
    event->segment.fate = fate;
    event->segment.octets = octets;
    event->segment.length = length;
    ss_packet_decode(link, octets, length, &event->segment.packet);
}

static void pass(struct scene *scene, enum ss_side from, enum ss_fate fate, const char *hex)
{
    pass_by(scene, SS_LINK_IP, from, fate, hex);
}

void scene_datagrams(struct scene *scene)
{
    scene_begin(scene, 4);
    scene_start(scene, 0)->start.isn_known = false;
    pass(scene, SS_SIDE_A, SS_FATE_DELIVERED,
         "45000024134d40004011137a0a0000010a000002ca9d000900105db0616e79626f64793f");
    pass(
        scene, SS_SIDE_B, SS_FATE_DELIVERED,
        "45c000402749000040013eb20a0000020a000001030311210000000045000024134d40004011137a0a0000010a"
        "000002ca9d000900105db0616e79626f64793f");
    pass(scene, SS_SIDE_A, SS_FATE_DROPPED,
         "4500002aa5904000400181400a0000010a000002080003bb0007000161726520796f752074686572653f");
    pass(scene, SS_SIDE_B, SS_FATE_DELIVERED,
         "46c00028000040000102f9f70a000002e0000016940400002200e8f90000000104000000ef010203");
    pass(scene, SS_SIDE_A, SS_FATE_DELIVERED,
         "4500001c0064400001028f790a000001e00000021700f7faef010203");
    pass(scene, SS_SIDE_A, SS_FATE_CORRUPTED,
         "4500001e00644000401126690a0000010a000002c00022b8000aa0b46869");
    pass(
        scene, SS_SIDE_A, SS_FATE_DELIVERED,
        "45000038006440004001265f0a0000010a0000020304283900000240450005dc00644000400620b60a0000020a"
        "00000122b89c4100001389");
    pass(
        scene, SS_SIDE_B, SS_FATE_DELIVERED,
        "600000000038000100000000000000000000000000000000ff0200000000000000000000000000163a00050200"
        "0001008f005a290000000204000000ff15000000000000000000000000123404000000ff020000000000000000"
        "0001ff000002");
    pass(scene, SS_SIDE_B, SS_FATE_DELIVERED, "4500001c006440003f11276b0a0000020a00000122b8c000");
    scene_end(scene);
}

void scene_arp(struct scene *scene)
{
    scene_begin(scene, 4);
    scene_start(scene, 0)->start.isn_known = false;
    pass_by(scene, SS_LINK_ETHERNET, SS_SIDE_A, SS_FATE_DELIVERED,
            "ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a000002");
    pass_by(scene, SS_LINK_ETHERNET, SS_SIDE_B, SS_FATE_DELIVERED,
            "020000000001020000000002080600010800060400020200000000020a0000020200000000010a000001");
    pass_by(scene, SS_LINK_ETHERNET, SS_SIDE_A, SS_FATE_DROPPED,
            "020000000002020000000001080600010800060401020200000000010a0000010000000000000a000002");
    pass_by(scene, SS_LINK_ETHERNET, SS_SIDE_A, SS_FATE_DELIVERED,
            "020000000002020000000001080000010800060400020200000000010a0000010000000000000a000002");
    scene_end(scene);
}
