/* test_simulated: the in-memory wire, its clock, and the echoing model at its far end. */
#include <string.h>

#include "check_main.h"
#include "synstep/craft.h"
#include "synstep/endpoint.h"
#include "synstep/far.h"
#include "synstep/packet.h"
#include "synstep/simulated.h"

static const uint32_t bases[] = {0, 0x7fffffff, 0x80000000, 0xffffffff};
enum { BASES = 4, LATENCY_US = 500 };

/* --- the wire alone: a host that notes when it was woken and answers what it is told to --------
 */

struct notebook {
    uint64_t deadline_us;
    unsigned timed;    /* wakes by time */
    unsigned arrivals; /* wakes by a datagram */
    uint64_t last_us;
    uint8_t octets[64];
    size_t length;
    bool echoing;
};

static void notebook_wake(void *context, struct ss_simulated *wire, const uint8_t *octets,
                          size_t length, uint64_t now_us)
{
    struct notebook *notebook = context;
    notebook->last_us = now_us;
    if (!octets) {
        notebook->timed++;
        notebook->deadline_us = UINT64_MAX;
        ss_simulated_reply(wire, (const uint8_t *)"late", 4);
        return;
    }
    notebook->arrivals++;
    notebook->length = length;
    memcpy(notebook->octets, octets, length < 64 ? length : 64);
    if (notebook->echoing)
        ss_simulated_reply(wire, octets, length);
}

static uint64_t notebook_deadline(void *context)
{
    return ((struct notebook *)context)->deadline_us;
}

static struct ss_wire *open_notebook(struct notebook *notebook)
{
    struct ss_simulated_host host = {notebook, notebook_wake, notebook_deadline};
    struct ss_wire *wire = NULL;
    struct ss_problem problem;
    ck_assert_int_eq(ss_simulated_open(&host, LATENCY_US, &wire, &problem), SS_OK);
    return wire;
}

START_TEST(test_simulated_datagram_takes_latency_each_way)
{
    struct notebook notebook = {.deadline_us = UINT64_MAX, .echoing = true};
    struct ss_wire *wire = open_notebook(&notebook);
    struct ss_arrival arrival;
    enum ss_fate fate = SS_FATE_DROPPED;
    struct ss_problem problem;
    ck_assert_uint_eq(ss_wire_now_us(wire), 0);
    ck_assert_int_eq(ss_wire_send(wire, (const uint8_t *)"abc", 3, &fate, &problem), SS_OK);
    ck_assert_int_eq(fate, SS_FATE_DELIVERED);
    ck_assert_uint_eq(notebook.arrivals, 0);
    ck_assert_int_eq(ss_wire_receive(wire, UINT64_MAX, &arrival, &problem), SS_OK);
    ck_assert_uint_eq(notebook.last_us, LATENCY_US);
    ck_assert_mem_eq(notebook.octets, "abc", 3);
    ck_assert_uint_eq(notebook.length, 3);
    ck_assert_uint_eq(arrival.length, 3);
    ck_assert_mem_eq(arrival.octets, "abc", 3);
    ck_assert_uint_eq(arrival.time_us, 2 * LATENCY_US);
    ck_assert_int_eq(arrival.fate, SS_FATE_DELIVERED);
    ck_assert_uint_eq(ss_wire_now_us(wire), 2 * LATENCY_US);
    ss_wire_close(wire);
}
END_TEST

START_TEST(test_simulated_datagrams_keep_their_order)
{
    struct notebook notebook = {.deadline_us = UINT64_MAX, .echoing = true};
    struct ss_wire *wire = open_notebook(&notebook);
    struct ss_problem problem;
    struct ss_arrival arrival;
    for (uint8_t i = 0; i < 5; i++)
        ck_assert_int_eq(ss_wire_send(wire, &i, 1, NULL, &problem), SS_OK);
    for (uint8_t i = 0; i < 5; i++) {
        ck_assert_int_eq(ss_wire_receive(wire, UINT64_MAX, &arrival, &problem), SS_OK);
        ck_assert_uint_eq(arrival.octets[0], i);
    }
    ss_wire_close(wire);
}
END_TEST

START_TEST(test_simulated_deadline_passes_clock_stands_there)
{
    struct notebook notebook = {.deadline_us = UINT64_MAX};
    struct ss_wire *wire = open_notebook(&notebook);
    struct ss_problem problem;
    struct ss_arrival arrival;
    ck_assert_int_eq(ss_wire_receive(wire, 7000, &arrival, &problem), SS_TIMED_OUT);
    ck_assert_uint_eq(ss_wire_now_us(wire), 7000);
    ck_assert_int_eq(ss_wire_receive(wire, 3, &arrival, &problem), SS_TIMED_OUT);
    ck_assert_uint_eq(ss_wire_now_us(wire), 7000);
    ck_assert_int_eq(ss_wire_receive(wire, UINT64_MAX, &arrival, &problem), SS_TIMED_OUT);
    ck_assert_uint_eq(ss_wire_now_us(wire), 7000);
    ss_wire_close(wire);
}
END_TEST

START_TEST(test_simulated_host_deadline_wakes_it_on_the_way)
{
    struct notebook notebook = {.deadline_us = 2000};
    struct ss_wire *wire = open_notebook(&notebook);
    struct ss_problem problem;
    struct ss_arrival arrival;
    ck_assert_int_eq(ss_wire_receive(wire, 1999, &arrival, &problem), SS_TIMED_OUT);
    ck_assert_uint_eq(notebook.timed, 0);
    ck_assert_int_eq(ss_wire_receive(wire, 10000, &arrival, &problem), SS_OK);
    ck_assert_uint_eq(notebook.timed, 1);
    ck_assert_uint_eq(notebook.last_us, 2000);
    ck_assert_uint_eq(arrival.time_us, 2000 + LATENCY_US);
    ck_assert_mem_eq(arrival.octets, "late", 4);
    ss_wire_close(wire);
}
END_TEST

START_TEST(test_simulated_impossible_length_is_refused)
{
    struct notebook notebook = {.deadline_us = UINT64_MAX};
    struct ss_wire *wire = open_notebook(&notebook);
    struct ss_problem problem;
    ck_assert_int_eq(ss_wire_send(wire, (const uint8_t *)"", 0, NULL, &problem), SS_USAGE);
    ck_assert_int_eq(
        ss_wire_send(wire, (const uint8_t *)"", SS_DATAGRAM_BYTES_MAX + 1, NULL, &problem),
        SS_USAGE);
    ss_wire_close(wire);
}
END_TEST

/* --- the echo: a client of endpoint, craft and packet at the near end -------------------- */

enum { DATA_MAX = 200000, CLIENT_PORT = 40000, SERVER_PORT = 8888 };

struct client {
    struct ss_socket_address here;
    struct ss_socket_address there;
    struct ss_endpoint endpoint;
    struct ss_wire *wire;
    struct ss_far *far;
    uint8_t sent[DATA_MAX];
    uint8_t received[DATA_MAX];
    uint8_t datagram[SS_DATAGRAM_BYTES_MAX];
    uint32_t first_seq; /* of the first segment that came */
    unsigned resets;
};

static struct ss_socket_address address(uint8_t version, uint8_t last, uint16_t port)
{
    const uint8_t four[4] = {10, 0, 0, last};
    const uint8_t six[16] = {0xfd, [15] = last};
    struct ss_socket_address made = {
        version == 4 ? ss_address_v4(four) : ss_address_v6(six),
        port,
    };
    return made;
}

static struct client client;

static void client_open(uint8_t version, uint32_t j, uint32_t k, uint32_t window)
{
    memset(&client, 0, sizeof(client));
    client.here = address(version, 1, CLIENT_PORT);
    client.there = address(version, 2, SERVER_PORT);
    for (size_t i = 0; i < DATA_MAX; i++)
        client.sent[i] = (uint8_t)(i * 31 + i / 251);
    struct ss_far_model_options options = {
        .local = client.there,
        .peer = client.here,
        .isn_given = true,
        .isn = ss_seq_from(k),
        .mss = 1400,
        .receive_buffer = window,
        .echo = true,
    };
    struct ss_problem problem;
    ck_assert_int_eq(ss_far_model_open(&options, &client.far, &problem), SS_OK);
    struct ss_simulated_host host = ss_far_model_as_host(client.far);
    ck_assert_int_eq(ss_simulated_open(&host, LATENCY_US, &client.wire, &problem), SS_OK);
    struct ss_endpoint_options own = ss_endpoint_defaults(ss_seq_from(j));
    own.receive_buffer = window;
    ss_endpoint_init(&client.endpoint, &own);
}

static void client_close(void)
{
    ss_wire_close(client.wire);
    ss_far_close(client.far);
}

static void put_out(const struct ss_segment *segment)
{
    uint8_t options[SS_TCP_OPTIONS_BYTES_MAX];
    struct ss_craft craft = ss_craft_between(&client.here, &client.there);
    craft.tcp.seq = segment->seq;
    craft.tcp.ack = segment->ack;
    craft.tcp.flags = segment->flags;
    craft.tcp.window = segment->window;
    craft.options = options;
    craft.options_length = ss_tcp_options_encode(&segment->options, options);
    craft.payload = client.sent + segment->stream_offset;
    craft.payload_length = segment->payload_length;
    size_t length = 0;
    struct ss_problem problem;
    ck_assert_int_eq(ss_craft_build(&craft, client.datagram, sizeof(client.datagram), &length),
                     SS_OK);
    ck_assert_int_eq(ss_wire_send(client.wire, client.datagram, length, NULL, &problem), SS_OK);
}

static void take_in(const struct ss_arrival *arrival)
{
    struct ss_packet packet;
    ss_packet_decode(SS_LINK_IP, arrival->octets, arrival->length, &packet);
    ck_assert_uint_eq(packet.faults, 0);
    ck_assert_int_eq(packet.transport_checksum, SS_CHECKSUM_GOOD);
    ck_assert(ss_address_equal(&packet.source, &client.there.address));
    ck_assert_uint_eq(packet.tcp.source_port, client.there.port);
    ck_assert_uint_eq(packet.tcp.destination_port, client.here.port);
    if (packet.tcp.flags & SS_TCP_SYN)
        client.first_seq = packet.tcp.seq.value;
    client.resets += (packet.tcp.flags & SS_TCP_RST) != 0;
    struct ss_segment segment = {
        .seq = packet.tcp.seq,
        .ack = packet.tcp.ack,
        .flags = packet.tcp.flags,
        .window = packet.tcp.window,
        .payload_length = (uint32_t)packet.payload_length,
        .options = packet.options,
    };
    struct ss_endpoint_delivery delivery;
    (void)ss_endpoint_receive(&client.endpoint, &segment, arrival->time_us, &delivery);
    memcpy(client.received + delivery.offset, ss_packet_payload(&packet) + delivery.skip,
           delivery.length);
    ss_endpoint_read(&client.endpoint, ss_endpoint_readable(&client.endpoint));
}

/* Runs until the endpoint is CLOSED; writes when the handshake is done, closes after the echo. */
static void converse(uint64_t count)
{
    struct ss_arrival arrival;
    struct ss_problem problem;
    struct ss_segment segment;
    bool written = false;
    while (client.endpoint.state != SS_TCP_CLOSED) {
        while (ss_endpoint_send(&client.endpoint, ss_wire_now_us(client.wire), &segment))
            put_out(&segment);
        if (!written && client.endpoint.state == SS_TCP_ESTABLISHED) {
            ss_endpoint_write(&client.endpoint, count);
            written = true;
            continue;
        }
        if (written && !client.endpoint.fin_wanted && client.endpoint.received == count) {
            ss_endpoint_close(&client.endpoint);
            continue;
        }
        uint64_t deadline_us = ss_endpoint_deadline(&client.endpoint);
        if (ss_wire_receive(client.wire, deadline_us, &arrival, &problem) == SS_OK)
            take_in(&arrival);
        else if (client.endpoint.state != SS_TCP_CLOSED) /* a wait for nothing is a deadlock */
            ck_assert_uint_ne(deadline_us, SS_ENDPOINT_NO_DEADLINE);
    }
}

static void expect_echo(uint8_t version, uint32_t j, uint32_t k, uint32_t window, uint32_t count)
{
    client_open(version, j, k, window);
    ss_endpoint_connect(&client.endpoint);
    converse(count);
    ck_assert_uint_eq(client.first_seq, k);
    ck_assert_int_eq(client.endpoint.failure, SS_ENDPOINT_NO_FAILURE);
    ck_assert_mem_eq(client.received, client.sent, count);
    ck_assert(client.endpoint.fin_received);
    /* M+1 = J+1+count+1, N+1 = K+1+count+1. */
    ck_assert_uint_eq(client.endpoint.snd_una.value, j + count + 2);
    ck_assert_uint_eq(client.endpoint.rcv_nxt.value, k + count + 2);
    ck_assert_uint_eq(client.resets, 0);
    client_close();
}

START_TEST(test_simulated_echo_every_base_echoes_and_closes)
{
    for (int j = 0; j < BASES; j++)
        for (int k = 0; k < BASES; k++) {
            expect_echo(4, bases[j], bases[k], 64240, 16);
            expect_echo(6, bases[j], bases[k], 64240, 5000);
        }
}
END_TEST

START_TEST(test_simulated_echo_data_larger_than_windows_comes_back_whole)
{
    expect_echo(4, 0xfffff000, 0x7ffff000, 3000, 150000);
    expect_echo(6, 5, 0xffff0000, 200000, DATA_MAX);
    expect_echo(4, 1, 2, 1, 40);
    expect_echo(4, 1, 2, 64240, 0);
}
END_TEST

START_TEST(test_simulated_echo_serves_one_connection_after_the_other)
{
    client_open(4, 100, 200, 1000);
    for (unsigned i = 0; i < 3; i++) {
        struct ss_endpoint_options own = ss_endpoint_defaults(ss_seq_from(100 + i));
        ss_endpoint_init(&client.endpoint, &own);
        ss_endpoint_connect(&client.endpoint);
        memset(client.received, 0, 2500);
        converse(2500);
        ck_assert_mem_eq(client.received, client.sent, 2500);
        ck_assert_int_eq(client.endpoint.failure, SS_ENDPOINT_NO_FAILURE);
    }
    client_close();
}
END_TEST

START_TEST(test_simulated_echo_other_port_is_refused)
{
    client_open(4, 0xffffffff, 7, 1000);
    client.there.port = SERVER_PORT + 1;
    ss_endpoint_connect(&client.endpoint);
    converse(0);
    ck_assert_int_eq(client.endpoint.failure, SS_ENDPOINT_REFUSED);
    ck_assert_uint_eq(client.resets, 1);
    client_close();
}
END_TEST

START_TEST(test_simulated_echo_garbage_and_bad_checksum_get_no_answer)
{
    client_open(4, 1, 2, 1000);
    struct ss_arrival arrival;
    struct ss_problem problem;
    uint8_t garbage[40];
    memset(garbage, 0x45, sizeof(garbage));
    ck_assert_int_eq(ss_wire_send(client.wire, garbage, sizeof(garbage), NULL, &problem), SS_OK);
    struct ss_craft craft = ss_craft_between(&client.here, &client.there);
    craft.tcp.flags = SS_TCP_SYN;
    craft.verbatim = SS_CRAFT_TCP_CHECKSUM;
    craft.tcp.checksum = 0x1234;
    size_t length = 0;
    ck_assert_int_eq(ss_craft_build(&craft, client.datagram, 100, &length), SS_OK);
    ck_assert_int_eq(ss_wire_send(client.wire, client.datagram, length, NULL, &problem), SS_OK);
    ck_assert_int_eq(ss_wire_receive(client.wire, 5000000, &arrival, &problem), SS_TIMED_OUT);
    client_close();
}
END_TEST

static Suite *simulated_suite(void)
{
    Suite *suite = suite_create("simulated");
    TCase *wire = tcase_create("wire");
    tcase_add_test(wire, test_simulated_datagram_takes_latency_each_way);
    tcase_add_test(wire, test_simulated_datagrams_keep_their_order);
    tcase_add_test(wire, test_simulated_deadline_passes_clock_stands_there);
    tcase_add_test(wire, test_simulated_host_deadline_wakes_it_on_the_way);
    tcase_add_test(wire, test_simulated_impossible_length_is_refused);
    suite_add_tcase(suite, wire);
    TCase *echo = tcase_create("echo");
    tcase_set_timeout(echo, 60);
    tcase_add_test(echo, test_simulated_echo_every_base_echoes_and_closes);
    tcase_add_test(echo, test_simulated_echo_data_larger_than_windows_comes_back_whole);
    tcase_add_test(echo, test_simulated_echo_serves_one_connection_after_the_other);
    tcase_add_test(echo, test_simulated_echo_other_port_is_refused);
    tcase_add_test(echo, test_simulated_echo_garbage_and_bad_checksum_get_no_answer);
    suite_add_tcase(suite, echo);
    return suite;
}

int main(void)
{
    return check_main(simulated_suite());
}
