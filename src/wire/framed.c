/*
 * framed: out by one wire, in by another, of which it takes the Ethernet headers off.
 */
#include "synstep/framed.h"

#include <stdlib.h>

#include "synstep/ethernet.h"

struct framed_wire {
    struct ss_wire wire;
    struct ss_wire *datagrams;
    struct ss_wire *frames;
};

static struct framed_wire *framed_of(struct ss_wire *wire)
{
    return (struct framed_wire *)wire;
}

static enum ss_status framed_send(struct ss_wire *wire, const uint8_t *octets, size_t length,
                                  enum ss_fate *fate, struct ss_problem *problem)
{
    return ss_wire_send(framed_of(wire)->datagrams, octets, length, fate, problem);
}

static enum ss_status framed_flush(struct ss_wire *wire, struct ss_problem *problem)
{
    enum ss_status status = ss_wire_flush(framed_of(wire)->datagrams, problem);
    return status == SS_OK ? ss_wire_flush(framed_of(wire)->frames, problem) : status;
}

static void unwrap(struct ss_arrival *arrival)
{
    struct ss_ethernet_header header;
    arrival->link = SS_LINK_ETHERNET;
    if (!ss_ethernet_decode(arrival->octets, arrival->length, &header) ||
        (header.type != SS_ETHERTYPE_IPV4 && header.type != SS_ETHERTYPE_IPV6))
        return;
    arrival->octets += SS_ETHERNET_HEADER_BYTES;
    arrival->length -= SS_ETHERNET_HEADER_BYTES;
    arrival->link = SS_LINK_IP;
}

static enum ss_status framed_receive(struct ss_wire *wire, uint64_t deadline_us,
                                     struct ss_arrival *arrival, struct ss_problem *problem)
{
    enum ss_status status = framed_flush(wire, problem);
    if (status == SS_OK)
        status = ss_wire_receive(framed_of(wire)->frames, deadline_us, arrival, problem);
    if (status == SS_OK)
        unwrap(arrival);
    return status;
}

static uint64_t framed_now_us(struct ss_wire *wire)
{
    return ss_wire_now_us(framed_of(wire)->frames);
}

static void framed_close(struct ss_wire *wire)
{
    ss_wire_close(framed_of(wire)->datagrams);
    ss_wire_close(framed_of(wire)->frames);
    free(wire);
}

static const struct ss_wire_operations framed_operations = {
    .send = framed_send,
    .flush = framed_flush,
    .receive = framed_receive,
    .now_us = framed_now_us,
    .close = framed_close,
};

enum ss_status ss_framed_open(struct ss_wire *datagrams, struct ss_wire *frames,
                              struct ss_wire **wire, struct ss_problem *problem)
{
    struct framed_wire *framed = malloc(sizeof *framed);
    if (!framed)
        return ss_problem_set(problem, SS_IO, "out of memory");
    *framed = (struct framed_wire){
        .wire.operations = &framed_operations, .datagrams = datagrams, .frames = frames};
    *wire = &framed->wire;
    return SS_OK;
}
