/*
 * endpoint_driver: drives one endpoint by arbitrary octets: segments of every kind, aimed near the
 * edges of what is acceptable, the user's calls, and time. After each step the invariants hold,
 * what goes out lies in the window, and no octet counts as received that was not delivered.
 */
#ifndef SS_TESTS_ENDPOINT_DRIVER_H
#define SS_TESTS_ENDPOINT_DRIVER_H

#include "endpoint_invariants.h"
#include "synstep/bytes.h"

enum { DRIVER_STREAM = 200000, DRIVER_SEGMENTS = 400000 };

struct driver {
    struct ss_endpoint endpoint;
    struct peer_view view;
    struct ss_cursor input;
    uint64_t now;
    uint64_t checked; /* octets below are delivered, all of them */
    bool visited[SS_TCP_STATES];
    unsigned long segments;
    uint8_t delivered[DRIVER_STREAM]; /* 1: this octet of the stream has come */
};

static inline struct ss_seq driver_number(struct driver *driver, struct ss_seq low,
                                          struct ss_seq high, struct ss_seq first)
{
    uint8_t kind = ss_cursor_take8(&driver->input);
    int8_t delta = (int8_t)ss_cursor_take8(&driver->input);
    struct ss_seq base = low;
    if (kind % 8 == 5)
        base = high;
    else if (kind % 8 == 6)
        base = first;
    else if (kind % 8 == 7)
        base = ss_seq_from(ss_cursor_take32(&driver->input));
    /* Exactly on the number more often than not. */
    return kind & 0x40 ? ss_seq_add(base, (uint32_t)(int32_t)delta) : base;
}

static inline struct ss_segment driver_segment(struct driver *driver)
{
    const struct ss_endpoint *endpoint = &driver->endpoint;
    static const uint8_t usual[8] = {SS_TCP_ACK,
                                     SS_TCP_ACK,
                                     SS_TCP_ACK,
                                     SS_TCP_SYN,
                                     SS_TCP_SYN | SS_TCP_ACK,
                                     SS_TCP_FIN | SS_TCP_ACK,
                                     SS_TCP_PSH | SS_TCP_ACK,
                                     SS_TCP_ACK};
    struct ss_segment segment = {0};
    uint8_t kind = ss_cursor_take8(&driver->input);
    segment.flags = kind < 240 ? usual[kind % 8] : ss_cursor_take8(&driver->input);
    segment.seq = driver_number(driver, endpoint->rcv_nxt,
                                ss_seq_add(endpoint->rcv_nxt, endpoint->rcv_wnd), endpoint->irs);
    segment.ack = driver_number(driver, endpoint->snd_una, endpoint->snd_max, endpoint->iss);
    segment.window = ss_cursor_take16(&driver->input);
    uint8_t size = ss_cursor_take8(&driver->input);
    if (size & 1)
        segment.payload_length = size & 2 ? ss_cursor_take16(&driver->input) : size;
    segment.options.has_mss = (size & 4) != 0;
    segment.options.mss = segment.window;
    segment.options.has_window_shift = (size & 8) != 0;
    segment.options.window_shift = size >> 4;
    return segment;
}

/* Octets that count as received must have been delivered. A new connection begins a new stream. */
static inline void driver_check_received(struct driver *driver)
{
    uint64_t received = driver->endpoint.received;
    if (received < driver->checked) {
        memset(driver->delivered, 0, sizeof(driver->delivered));
        driver->checked = 0;
    }
    for (; driver->checked < received && driver->checked < DRIVER_STREAM; driver->checked++)
        must(driver->delivered[driver->checked], "octet %lu was never delivered",
             (unsigned long)driver->checked);
}

static inline void driver_arrive(struct driver *driver)
{
    struct ss_endpoint *endpoint = &driver->endpoint;
    struct ss_segment segment = driver_segment(driver);
    struct ss_endpoint_delivery delivery;
    note_told(&driver->view, endpoint, &segment);
    ss_endpoint_receive(endpoint, &segment, driver->now, &delivery);
    note_told(&driver->view, endpoint, &segment);
    must((uint64_t)delivery.skip + delivery.length <= segment.payload_length,
         "more delivered than came");
    must(delivery.offset + delivery.length <= endpoint->received + endpoint->rcv_wnd,
         "delivered beyond the window");
    for (uint64_t i = delivery.offset; i < delivery.offset + delivery.length; i++)
        if (i < DRIVER_STREAM)
            driver->delivered[i] = 1;
}

/* A user's call or a while of waiting. */
static inline void driver_act(struct driver *driver, uint8_t kind)
{
    struct ss_endpoint *endpoint = &driver->endpoint;
    uint16_t amount = ss_cursor_take16(&driver->input);
    uint64_t readable = ss_endpoint_readable(endpoint);
    if (kind % 8 < 3)
        ss_endpoint_read(endpoint, amount < readable ? amount : readable);
    else if (kind % 8 < 5 && !endpoint->fin_wanted)
        ss_endpoint_write(endpoint, amount % 5000);
    else if (kind % 8 == 5)
        driver->now += (uint64_t)amount * 1000;
    else if (kind % 8 == 6 && ss_endpoint_deadline(endpoint) != SS_ENDPOINT_NO_DEADLINE)
        driver->now = ss_endpoint_deadline(endpoint);
    else if (kind % 32 == 7)
        ss_endpoint_close(endpoint);
    else if (kind == 15)
        ss_endpoint_abort(endpoint);
}

static inline void driver_send_all(struct driver *driver)
{
    struct ss_segment segment;
    unsigned count = 0;
    while (ss_endpoint_send(&driver->endpoint, driver->now, &segment)) {
        must(++count < DRIVER_SEGMENTS, "it sends without end");
        driver->segments++;
        if (driver->endpoint.state != SS_TCP_CLOSED)
            expect_inside_window(&driver->view, &driver->endpoint, &segment);
        expect_invariants(&driver->endpoint);
    }
    uint64_t deadline = ss_endpoint_deadline(&driver->endpoint);
    must(deadline > driver->now, "due at %lu, now %lu", (unsigned long)deadline,
         (unsigned long)driver->now);
}

static inline void driver_begin(struct driver *driver)
{
    struct ss_endpoint_options options =
        ss_endpoint_defaults(ss_seq_from(ss_cursor_take32(&driver->input)));
    uint8_t kind = ss_cursor_take8(&driver->input);
    options.mss = (uint16_t)(ss_cursor_take8(&driver->input) * (kind & 2 ? 10 : 1) + 1);
    options.receive_buffer = kind & 4 ? ss_cursor_take16(&driver->input) : 100000;
    options.retransmissions = 3;
    ss_endpoint_init(&driver->endpoint, &options);
    if (kind & 1)
        ss_endpoint_connect(&driver->endpoint);
    else
        ss_endpoint_listen(&driver->endpoint);
}

/* Runs the whole input. `driver` is the caller's, for its size; it is overwritten. */
static inline void drive_endpoint(struct driver *driver, const uint8_t *octets, size_t length)
{
    memset(driver, 0, sizeof(*driver));
    driver->input = ss_cursor_over(octets, length);
    driver_begin(driver);
    driver_send_all(driver);
    while (!driver->input.short_) {
        uint8_t kind = ss_cursor_take8(&driver->input);
        enum ss_tcp_state before = driver->endpoint.state;
        if (kind < 100)
            driver_act(driver, kind);
        else
            driver_arrive(driver);
        /* Back in LISTEN, another connection with other windows may come. */
        if (driver->endpoint.state == SS_TCP_LISTEN || before == SS_TCP_LISTEN) {
            bool known = driver->view.known && driver->endpoint.state != SS_TCP_LISTEN;
            driver->view = (struct peer_view){.known = known, .edge = driver->view.edge};
        }
        driver->visited[driver->endpoint.state] = true;
        expect_invariants(&driver->endpoint);
        driver_check_received(driver);
        driver_send_all(driver);
    }
}

#endif
