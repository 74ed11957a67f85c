/* test_outbox: datagrams together over a socket pair, whose queue is short. */
#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../src/wire/outbox.h"
#include "check_main.h"

static struct ss_outbox outbox;
static int near, far;

static void begin(void)
{
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    near = pair[0];
    far = pair[1];
    ss_outbox_clear(&outbox);
}

static void end(void)
{
    close(near);
    close(far);
}

/* Number `number`, of a length that depends on it. */
static void add(uint32_t number)
{
    uint8_t octets[300] = {(uint8_t)(number >> 8), (uint8_t)number};
    ck_assert(ss_outbox_add(&outbox, octets, 2 + number % 290));
}

static bool take(uint32_t number)
{
    uint8_t octets[300];
    ssize_t length = recv(far, octets, sizeof octets, 0);
    return length == (ssize_t)(2 + number % 290) && octets[0] == (uint8_t)(number >> 8) &&
           octets[1] == (uint8_t)number;
}

static uint64_t now_ms(void)
{
    struct timespec now;
    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

START_TEST(test_outbox_flush_sends_all_in_order)
{
    begin();
    for (uint32_t i = 0; i < 5; i++)
        add(i);
    ck_assert_int_eq(ss_outbox_flush(&outbox, near), 0);
    ck_assert_uint_eq(outbox.count, 0);
    ck_assert_uint_eq(outbox.used, 0);
    ck_assert_int_eq(ss_outbox_flush(&outbox, near), 0);
    for (uint32_t i = 0; i < 5; i++)
        ck_assert(take(i));
    end();
}
END_TEST

START_TEST(test_outbox_full_takes_no_more)
{
    static const uint8_t large[SS_DATAGRAM_BYTES_MAX];
    begin();
    for (uint32_t i = 0; i < SS_OUTBOX_DATAGRAMS; i++)
        add(i);
    ck_assert(!ss_outbox_add(&outbox, large, 1));
    ss_outbox_clear(&outbox);
    ck_assert(ss_outbox_add(&outbox, large, sizeof large));
    ck_assert(ss_outbox_add(&outbox, large, sizeof large));
    ck_assert(!ss_outbox_add(&outbox, large, 1));
    ck_assert_uint_eq(outbox.count, 2);
    end();
}
END_TEST

/* The reader is slow: what its queue does not take at once is sent later, in order. */
START_TEST(test_outbox_full_queue_is_asked_again)
{
    enum { ROUNDS = 20, ALL = ROUNDS * SS_OUTBOX_DATAGRAMS };
    int how = -1, bytes = 4096;
    begin();
    (void)setsockopt(near, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    pid_t reader = fork();
    if (reader == 0) {
        for (uint32_t i = 0; i < ALL; i++) {
            if (!take(i))
                _exit(1);
            if (i % SS_OUTBOX_DATAGRAMS == 0)
                usleep(2000);
        }
        _exit(0);
    }
    for (uint32_t i = 0; i < ALL; i++) {
        add(i);
        if (i % SS_OUTBOX_DATAGRAMS == SS_OUTBOX_DATAGRAMS - 1)
            ck_assert_int_eq(ss_outbox_flush(&outbox, near), 0);
    }
    ck_assert_int_eq(waitpid(reader, &how, 0), reader);
    ck_assert_int_eq(how, 0);
    end();
}
END_TEST

/* Nobody reads: what is left begins with the first that could not be sent. */
START_TEST(test_outbox_full_queue_is_given_up_after_a_second)
{
    int bytes = 4096;
    begin();
    (void)setsockopt(near, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    for (uint32_t i = 0; i < SS_OUTBOX_DATAGRAMS; i++)
        add(280 - i);
    uint64_t began_ms = now_ms();
    ck_assert_int_eq(ss_outbox_flush(&outbox, near), EAGAIN);
    uint64_t took_ms = now_ms() - began_ms;
    ck_assert_uint_ge(took_ms, 900);
    ck_assert_uint_lt(took_ms, 10000);
    size_t sent = SS_OUTBOX_DATAGRAMS - outbox.count;
    ck_assert_uint_gt(sent, 0);
    ck_assert_uint_lt(sent, SS_OUTBOX_DATAGRAMS);
    ck_assert_uint_eq(outbox.lengths[0], 2 + 280 - sent);
    ck_assert_uint_eq(outbox.octets[0] << 8 | outbox.octets[1], 280 - sent);
    end();
}
END_TEST

START_TEST(test_outbox_other_trouble_is_told_at_once)
{
    begin();
    add(1);
    close(near);
    uint64_t began_ms = now_ms();
    ck_assert_int_eq(ss_outbox_flush(&outbox, near), EBADF);
    ck_assert_uint_lt(now_ms() - began_ms, 900);
    ck_assert_uint_eq(outbox.count, 1);
    close(far);
}
END_TEST

static Suite *outbox_suite(void)
{
    Suite *suite = suite_create("outbox");
    TCase *sends = tcase_create("sends");
    tcase_set_timeout(sends, 60);
    tcase_add_test(sends, test_outbox_flush_sends_all_in_order);
    tcase_add_test(sends, test_outbox_full_takes_no_more);
    tcase_add_test(sends, test_outbox_full_queue_is_asked_again);
    tcase_add_test(sends, test_outbox_full_queue_is_given_up_after_a_second);
    tcase_add_test(sends, test_outbox_other_trouble_is_told_at_once);
    suite_add_tcase(suite, sends);
    return suite;
}

int main(void)
{
    return check_main(outbox_suite());
}
