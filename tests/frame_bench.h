/* frame_bench: frames between two private hosts, for the tests of what carries them: their cards'
 * addresses, frames built of layers, and a far socket that sees and sends whole frames. */
#ifndef SS_TESTS_FRAME_BENCH_H
#define SS_TESTS_FRAME_BENCH_H

#include <linux/if_packet.h>
#include <sys/ioctl.h>

#include "far.h"
#include "synstep/stack.h"

enum { FRAME_ROOM = 2048 };

struct frame {
    uint8_t octets[FRAME_ROOM];
    size_t length;
};

/* The Ethernet address of an interface of the host that the socket belongs to. */
static inline void frame_card(int socket, const char *name, uint8_t address[6])
{
    struct ifreq request = {0};
    strcpy(request.ifr_name, name);
    must(ioctl(socket, SIOCGIFHWADDR, &request) == 0);
    memcpy(address, request.ifr_hwaddr.sa_data, 6);
}

/* What the far host's interface gets, and a way to send through it, whole frames. */
static inline int frame_far_socket(const struct ss_hosts *hosts, uint16_t protocol)
{
    struct timeval patience = {.tv_sec = FAR_PATIENCE_S};
    struct ifreq request = {.ifr_name = "far0"};
    int made = far_socket(hosts, AF_PACKET, SOCK_RAW, 0);
    must(ioctl(made, SIOCGIFINDEX, &request) == 0);
    struct sockaddr_ll where = {.sll_family = AF_PACKET,
                                .sll_protocol = htons(protocol),
                                .sll_ifindex = request.ifr_ifindex};
    must(setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    must(bind(made, (struct sockaddr *)&where, sizeof where) == 0);
    return made;
}

static inline struct ss_layer *frame_add(struct ss_stack *stack, enum ss_layer_kind kind)
{
    stack->layers[stack->count] = ss_layer_new(kind);
    return &stack->layers[stack->count++];
}

static inline void frame_put(struct ss_layer *layer, const char *name, const uint8_t *octets)
{
    size_t field;
    must(ss_layer_field_from_name(layer->kind, name, &field), "%s", name);
    ss_layer_put_octets(layer, field, octets);
}

static inline void frame_number(struct ss_layer *layer, const char *name, uint32_t value)
{
    size_t field;
    must(ss_layer_field_from_name(layer->kind, name, &field), "%s", name);
    ss_layer_put(layer, field, value);
}

static inline struct frame frame_build(struct ss_stack *stack)
{
    struct ss_problem problem;
    struct frame frame = {.length = 0};
    must(ss_stack_build(stack, frame.octets, sizeof frame.octets, &frame.length, &problem) == SS_OK,
         "%s", problem.text);
    return frame;
}

/* Ethernet and IP between two ends. */
static inline struct ss_layer *frame_begin(struct ss_stack *stack, const uint8_t from[6],
                                           const uint8_t to[6], const struct ss_address *source,
                                           const struct ss_address *target)
{
    *stack = (struct ss_stack){.count = 0};
    struct ss_layer *ether = frame_add(stack, SS_LAYER_ETHER);
    frame_put(ether, "src", from);
    frame_put(ether, "dst", to);
    struct ss_layer *ip = frame_add(stack, source->version == 6 ? SS_LAYER_IP6 : SS_LAYER_IP);
    frame_put(ip, "src", source->octets);
    frame_put(ip, "dst", target->octets);
    return ip;
}

#endif
