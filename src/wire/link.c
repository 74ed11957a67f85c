/*
 * link: finished frames through libnet's link interface. The only file that includes libnet, whose
 * header does not pass -pedantic.
 */
#include "synstep/link.h"

#include <errno.h>
#include <fcntl.h>
#include <libnet.h>
#include <linux/filter.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "await.h"
#include "capture.h"
#include "clock.h"
#include "forbidden.h"
#include "interface.h"
#include "outbox.h"

enum {
    TIMEOUT_US = 1000 * 1000, /* how long a full queue may refuse a frame */
    PAUSE_MS = 1,
};

struct link_wire {
    struct ss_wire wire;
    libnet_t *libnet;
    struct ss_interface interface;
    const volatile sig_atomic_t *stop;
    struct ss_capture capture;
    struct ss_outbox outbox; /* gathered, so that a time taken before the flush is when it left */
};

static struct link_wire *link_of(struct ss_wire *wire)
{
    return (struct link_wire *)wire;
}

/* 0, or an errno. */
static int write_frame(struct link_wire *link, const uint8_t *octets, size_t length)
{
    errno = 0;
    if (libnet_adv_write_link(link->libnet, octets, (uint32_t)length) == (int)length)
        return 0;
    return errno ? errno : EIO;
}

/* A full queue, which empties at the card's pace, is asked again for up to a second. */
static int write_patiently(struct link_wire *link, const uint8_t *octets, size_t length)
{
    uint64_t give_up_us = 0;
    for (;;) {
        int error = write_frame(link, octets, length);
        if (error == EINTR)
            continue;
        if (error != ENOBUFS && error != EAGAIN)
            return error;
        uint64_t now_us = ss_clock_monotonic_us();
        if (give_up_us == 0)
            give_up_us = now_us + TIMEOUT_US;
        if (now_us > give_up_us)
            return error;
        (void)poll(NULL, 0, PAUSE_MS);
    }
}

/* What cannot leave now never will: it is told, and those behind it are lost with it. */
static enum ss_status link_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    struct link_wire *link = link_of(wire);
    const uint8_t *at = link->outbox.octets;
    int error = 0;
    for (size_t i = 0; i < link->outbox.count && error == 0; i++) {
        error = write_patiently(link, at, link->outbox.lengths[i]);
        at += link->outbox.lengths[i];
    }
    ss_outbox_clear(&link->outbox);
    return error ? ss_interface_refused(&link->interface, error, problem) : SS_OK;
}

static enum ss_status link_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                enum ss_fate *fate, struct ss_problem *problem)
{
    struct link_wire *link = link_of(wire);
    *fate = SS_FATE_DELIVERED;
    enum ss_status status = ss_interface_judge(&link->interface, octets, length, problem);
    if (status != SS_OK || ss_outbox_add(&link->outbox, octets, length))
        return status;
    status = link_flush(wire, problem);
    if (status == SS_OK)
        (void)ss_outbox_add(&link->outbox, octets, length); /* an empty one has room for any */
    return status;
}

static enum ss_status link_receive(struct ss_wire *wire, uint64_t deadline_us,
                                   struct ss_arrival *arrival, struct ss_problem *problem)
{
    struct link_wire *link = link_of(wire);
    enum ss_status status = link_flush(wire, problem);
    if (status != SS_OK)
        return status;
    return ss_await(&link->capture, link->stop, deadline_us, arrival, problem);
}

static uint64_t link_now_us(struct ss_wire *wire)
{
    (void)wire;
    return ss_clock_monotonic_us();
}

static void link_close(struct ss_wire *wire)
{
    struct link_wire *link = link_of(wire);
    if (link->libnet)
        libnet_destroy(link->libnet);
    ss_capture_close(&link->capture);
    free(link);
}

static const struct ss_wire_operations link_operations = {
    .send = link_send,
    .flush = link_flush,
    .receive = link_receive,
    .now_us = link_now_us,
    .close = link_close,
};

/* --- opening -----------------------------------------------------------------------------------
 */

/* libnet's socket hears all frames there are, and is inherited: this one is to do neither. */
static void make_deaf(int socket)
{
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {.len = 1, .filter = &nothing};
    (void)setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    (void)fcntl(socket, F_SETFD, FD_CLOEXEC);
}

static enum ss_status open_out(struct link_wire *link, struct ss_problem *problem)
{
    char words[LIBNET_ERRBUF_SIZE] = "";
    link->libnet = libnet_init(LIBNET_LINK_ADV, link->interface.name, words);
    if (link->libnet) {
        make_deaf(libnet_getfd(link->libnet));
        return SS_OK;
    }
    if (strstr(words, "CAP_NET_RAW"))
        return ss_forbidden_raw("no CAP_NET_RAW", problem);
    if (strstr(words, "is down"))
        return ss_interface_refused(&link->interface, ENETDOWN, problem);
    return ss_problem_set(problem, SS_IO, "cannot open the link wire on %s: %.120s",
                          link->interface.name, words);
}

static enum ss_capture_hear heard(enum ss_link_hear hear)
{
    switch (hear) {
    case SS_LINK_HEAR_PEER:
    case SS_LINK_HEAR_NOTHING:
        return SS_CAPTURE_PEER;
    case SS_LINK_HEAR_PEER_AND_ARP:
        return SS_CAPTURE_PEER_AND_ARP;
    case SS_LINK_HEAR_ANY_ARP:
        return SS_CAPTURE_GROUPS_AND_ARP;
    case SS_LINK_HEAR_NEIGHBOUR:
        return SS_CAPTURE_NEIGHBOUR;
    }
    return SS_CAPTURE_PEER;
}

static enum ss_status open_in(struct link_wire *link, const struct ss_link_options *options,
                              struct ss_problem *problem)
{
    const struct ss_capture_options wanted = {
        .route = options->route, .hear = heard(options->hear), .frames = true};
    if (options->hear == SS_LINK_HEAR_NOTHING)
        return SS_OK;
    return ss_capture_open(&link->capture, &wanted, problem);
}

enum ss_status ss_link_open(const struct ss_link_options *options, struct ss_wire **wire,
                            struct ss_problem *problem)
{
    struct link_wire *link = calloc(1, sizeof *link);
    if (!link)
        return ss_problem_set(problem, SS_IO, "out of memory");
    link->wire.operations = &link_operations;
    link->capture.socket = -1;
    link->stop = options->stop;
    enum ss_status status = ss_interface_find(options->route.interface, &link->interface, problem);
    if (status == SS_OK)
        status = open_in(link, options, problem);
    if (status == SS_OK)
        status = open_out(link, problem);
    if (status != SS_OK) {
        link_close(&link->wire);
        return status;
    }
    *wire = &link->wire;
    return SS_OK;
}

enum ss_status ss_link_card(const char *interface, struct ss_link_card *card,
                            struct ss_problem *problem)
{
    struct ss_interface found;
    enum ss_status status = ss_interface_find(interface, &found, problem);
    if (status != SS_OK)
        return status;
    memcpy(card->address, found.address, sizeof card->address);
    card->mtu = (uint32_t)found.mtu;
    return SS_OK;
}
