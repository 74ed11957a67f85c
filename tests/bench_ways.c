/* bench_ways: see bench_ways.h. Each function sends `count` SYNs and ends. */
#include "bench_ways.h"

#include <arpa/inet.h>
#include <libnet.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "synstep/packet_wire.h"
#include "synstep/raw.h"

enum { BATCH = 64 };

static void must(bool held, const char *what)
{
    if (held)
        return;
    perror(what);
    _exit(1);
}

static struct ss_template template_at(uint8_t *syn)
{
    struct ss_template template;
    must(ss_template_of(syn, WAYS_SYN, 0, &template) == SS_OK, "template");
    return template;
}

/* --- ours --------------------------------------------------------------------------------------
 */

static void send_by(struct ss_wire *wire, const struct ways_between *between, size_t skipped,
                    uint32_t count)
{
    uint8_t frame[WAYS_FRAME];
    memcpy(frame, between->frame, sizeof frame);
    struct ss_template syn = template_at(frame + WAYS_ETHERNET);
    for (uint32_t i = 0; i < count; i++) {
        ways_next(&syn, i);
        must(ss_wire_send(wire, frame + skipped, sizeof frame - skipped, NULL, NULL) == SS_OK,
             "ss_wire_send");
    }
    must(ss_wire_flush(wire, NULL) == SS_OK, "ss_wire_flush");
    ss_wire_close(wire);
}

static void by_raw_wire(const struct ways_between *between, uint32_t count)
{
    struct ss_wire *wire = NULL;
    struct ss_raw_options options = {.route = between->route, .hear = SS_RAW_HEAR_NOTHING};
    must(ss_raw_open(&options, &wire, NULL) == SS_OK, "ss_raw_open");
    send_by(wire, between, WAYS_ETHERNET, count);
}

static void by_packet_wire(const struct ways_between *between, uint32_t count)
{
    struct ss_wire *wire = NULL;
    must(ss_packet_wire_open(between->route.interface, &wire, NULL) == SS_OK,
         "ss_packet_wire_open");
    send_by(wire, between, 0, count);
}

/* --- loops as bare as they can be --------------------------------------------------------------
 */

static struct sockaddr_in peer_of(const struct ways_between *between)
{
    struct sockaddr_in peer = {.sin_family = AF_INET};
    memcpy(&peer.sin_addr, between->route.peer.octets, 4);
    return peer;
}

static void by_sendto(const struct ways_between *between, uint32_t count)
{
    uint8_t octets[WAYS_SYN];
    struct sockaddr_in peer = peer_of(between);
    int out = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    memcpy(octets, between->frame + WAYS_ETHERNET, sizeof octets);
    struct ss_template syn = template_at(octets);
    for (uint32_t i = 0; i < count; i++) {
        ways_next(&syn, i);
        must(sendto(out, octets, sizeof octets, 0, (struct sockaddr *)&peer, sizeof peer) > 0,
             "sendto");
    }
    close(out);
}

/* A batch of copies of `length` octets, whose SYN begins after `skipped` of them. */
struct batch {
    uint8_t octets[BATCH][WAYS_FRAME];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    struct ss_template syns[BATCH];
};

static void prepare(struct batch *batch, const uint8_t *octets, size_t length)
{
    memset(batch, 0, sizeof *batch);
    for (size_t i = 0; i < BATCH; i++) {
        memcpy(batch->octets[i], octets, length);
        batch->parts[i] = (struct iovec){batch->octets[i], length};
        batch->messages[i].msg_hdr.msg_iov = &batch->parts[i];
        batch->messages[i].msg_hdr.msg_iovlen = 1;
        batch->syns[i] = template_at(batch->octets[i] + length - WAYS_SYN);
    }
}

static void send_batches(struct batch *batch, int out, uint32_t count)
{
    for (uint32_t done = 0; done < count; done += BATCH) {
        unsigned wanted = count - done < BATCH ? count - done : BATCH, sent = 0;
        for (uint32_t i = 0; i < wanted; i++)
            ways_next(&batch->syns[i], done + i);
        while (sent < wanted) {
            int some = sendmmsg(out, batch->messages + sent, wanted - sent, 0);
            must(some > 0, "sendmmsg");
            sent += (unsigned)some;
        }
    }
}

static void by_sendmmsg(const struct ways_between *between, uint32_t count)
{
    static struct batch batch;
    struct sockaddr_in peer = peer_of(between);
    int out = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    must(connect(out, (struct sockaddr *)&peer, sizeof peer) == 0, "connect");
    prepare(&batch, between->frame + WAYS_ETHERNET, WAYS_SYN);
    send_batches(&batch, out, count);
    close(out);
}

static void by_af_packet(const struct ways_between *between, uint32_t count)
{
    static struct batch batch;
    int on = 1, out = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    struct sockaddr_ll where = {.sll_family = AF_PACKET,
                                .sll_ifindex = (int)between->route.interface_index};
    must(bind(out, (struct sockaddr *)&where, sizeof where) == 0 &&
             setsockopt(out, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) == 0,
         "AF_PACKET");
    prepare(&batch, between->frame, WAYS_FRAME);
    send_batches(&batch, out, count);
    close(out);
}

/* --- libnet, as its examples use it ------------------------------------------------------------
 */

static uint32_t word_of(const struct ss_address *address)
{
    uint32_t word;
    memcpy(&word, address->octets, sizeof word);
    return word;
}

static void by_libnet(const struct ways_between *between, uint32_t count)
{
    char problem[LIBNET_ERRBUF_SIZE];
    libnet_ptag_t tcp = 0, ip = 0;
    libnet_t *libnet = libnet_init(LIBNET_RAW4, NULL, problem);
    must(libnet != NULL, "libnet_init");
    for (uint32_t i = 0; i < count; i++) {
        tcp = libnet_build_tcp((uint16_t)(1024 + i % 60000), WAYS_PORT, i * 2654435761U, 0, TH_SYN,
                               64240, 0, 0, LIBNET_TCP_H, NULL, 0, libnet, tcp);
        if (ip == 0)
            ip = libnet_build_ipv4(WAYS_SYN, 0, 1, IP_DF, 64, IPPROTO_TCP, 0,
                                   word_of(&between->route.local), word_of(&between->route.peer),
                                   NULL, 0, libnet, 0);
        must(libnet_write(libnet) == WAYS_SYN, "libnet_write");
    }
    libnet_destroy(libnet);
}

const struct ways_way ways[] = {
    [WAYS_RAW] = {"synstep's raw wire", by_raw_wire, {NULL}, false, false},
    [WAYS_PACKET] = {"synstep's packet wire", by_packet_wire, {NULL}, false, false},
    [WAYS_SENDTO] = {"bare raw sendto", by_sendto, {NULL}, false, false},
    [WAYS_SENDMMSG] = {"bare raw sendmmsg of 64", by_sendmmsg, {NULL}, false, false},
    [WAYS_AF_PACKET] = {"bare packet sendmmsg of 64", by_af_packet, {NULL}, false, false},
    [WAYS_LIBNET] = {"libnet raw write", by_libnet, {NULL}, false, false},
    [WAYS_HPING3] = {"hping3 --flood",
                     NULL,
                     {"hping3", "--flood", "-q", "-S", "-p", "80", "10.0.0.2"},
                     true,
                     false},
    [WAYS_NPING] = {"nping",
                    NULL,
                    {"nping", "--tcp", "--flags", "syn", "-p", "80", "--rate", "10000000", "-c",
                     "%c", "-N", "-H", "-q", "10.0.0.2"},
                    false,
                    false},
    [WAYS_TRAFGEN] = {"trafgen",
                      NULL,
                      {"trafgen", "--no-sock-mem", "--notouch-irq", "--no-cpu-stats", "--cpus", "1",
                       "-n", "%c", "-o", "near0", "%p"},
                      false,
                      false},
    [WAYS_PROGRAM] = {"synstep send",
                      NULL,
                      {"synstep", "send", "--no-answers", "-q", "-c", "%c", "tcp",
                       "sport=1024-61023", "dport=80", "seq=random", "private"},
                      false,
                      true},
    [WAYS_PROGRAM_PACKET] = {"synstep send --wire=packet",
                             NULL,
                             {"synstep", "send", "--wire=packet", "--no-answers", "-q", "-c", "%c",
                              "tcp", "sport=1024-61023", "dport=80", "seq=random", "private"},
                             false,
                             true},
};

const unsigned ways_count = sizeof ways / sizeof *ways;
