/*
 * test_json: each line a JSON object with the values of its event, the keys those of the manual
 * page, and no failure to write forgotten.
 */
#include "check_main.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenes.h"
#include "synstep/json.h"
#include "synstep/report.h"

static struct scene scene;

/* The lines written for the scene, parsed. Text is read strictly: no duplicate keys. */
static json_t *written(void)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct ss_json *json = ss_json_open(out);
    scene_play(&scene, ss_json_sink(json));
    ck_assert_int_eq(ss_json_close(json, NULL), SS_OK);
    fclose(out);
    json_t *events = json_array();
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_error_t error;
        json_t *event = json_loads(line, JSON_REJECT_DUPLICATES, &error);
        ck_assert_msg(event != NULL, "%s: %s", error.text, line);
        json_array_append_new(events, event);
    }
    free(text);
    return events;
}

/* Compared with JSON written by hand, key by key. */
static void expect_event(size_t index, const char *wanted)
{
    json_t *events = written();
    json_error_t error;
    json_t *expected = json_loads(wanted, 0, &error);
    ck_assert_msg(expected != NULL, "%s", error.text);
    json_t *actual = json_array_get(events, index);
    char *text = json_dumps(actual, 0);
    ck_assert_msg(json_equal(expected, actual), "event %zu is %s", index, text);
    free(text);
    json_decref(expected);
    json_decref(events);
}

START_TEST(test_json_start_names_both_ends)
{
    scene_whole(&scene, 6);
    expect_event(
        0, "{\"event\":\"start\",\"time_us\":0,"
           "\"local\":{\"address\":\"fd00::1\",\"port\":40001},"
           "\"peer\":{\"address\":\"fd00::2\",\"port\":8888},\"isn\":3735928559,"
           "\"epoch_us\":1700000000123456,\"where\":\"two private hosts, veth\",\"title\":null}");
}
END_TEST

START_TEST(test_json_start_without_j_has_null_and_a_title)
{
    scene_begin(&scene, 4);
    struct ss_event_start *start = &scene_start(&scene, 7)->start;
    start->isn_known = false;
    snprintf(start->title, sizeof(start->title), "A \"title\"");
    expect_event(0, "{\"event\":\"start\",\"time_us\":0,"
                    "\"local\":{\"address\":\"10.0.0.1\",\"port\":40001},"
                    "\"peer\":{\"address\":\"10.0.0.2\",\"port\":8888},\"isn\":null,"
                    "\"epoch_us\":1700000000123456,\"where\":\"two private hosts, veth\","
                    "\"title\":\"A \\\"title\\\"\"}");
}
END_TEST

START_TEST(test_json_segment_holds_numbers_symbols_and_checks)
{
    scene_wrong_ack(&scene);
    expect_event(
        2, "{\"event\":\"segment\",\"time_us\":52,\"n\":2,\"from\":\"peer\","
           "\"fate\":\"delivered\",\"transport\":\"tcp\",\"flags\":[\"SYN\",\"ACK\"],"
           "\"seq\":4294967295,\"ack\":3735928561,\"symbols\":{\"seq\":\"K\",\"ack\":\"J+2\"},"
           "\"length\":0,\"window\":65160,\"window_bytes\":65160,"
           "\"options\":{\"mss\":1460,\"window_scale\":7,\"sack_permitted\":true},\"icmp\":null,"
           "\"fault\":null,\"states\":{\"local\":{\"before\":\"SYN-SENT\",\"after\":\"SYN-SENT\"},"
           "\"peer\":{\"before\":\"LISTEN\",\"after\":\"SYN-RECEIVED\"}},\"checks\":["
           "{\"name\":\"bad_checksum\",\"level\":\"violation\",\"expected\":2587,\"actual\":48879,"
           "\"ok\":false,\"rfc\":\"RFC 9293 3.1\"},"
           "{\"name\":\"synack_ack_not_isn_plus_1\",\"level\":\"violation\","
           "\"expected\":3735928560,\"actual\":3735928561,\"ok\":false,"
           "\"rfc\":\"RFC 9293 3.10.7.2\"},"
           "{\"name\":\"seq_is_snd_nxt\",\"level\":\"held\",\"expected\":4294967295,"
           "\"actual\":4294967295,\"ok\":true,\"rfc\":\"RFC 9293 3.3.1\"}]}");
}
END_TEST

START_TEST(test_json_datagrams_have_their_fields_by_name)
{
    scene_datagrams(&scene);
    expect_event(1,
                 "{\"event\":\"datagram\",\"time_us\":0,\"n\":1,\"from\":\"local\","
                 "\"fate\":\"delivered\",\"source\":\"10.0.0.1\",\"destination\":\"10.0.0.2\","
                 "\"protocol\":\"udp\",\"type\":null,"
                 "\"fields\":{\"sport\":51869,\"dport\":9,\"length\":16,\"checksum\":23984},"
                 "\"length\":8,\"groups\":[],\"quoted\":null,\"checksum_ok\":true,\"ether\":null,"
                 "\"fault\":null}");
    expect_event(2, "{\"event\":\"datagram\",\"time_us\":52,\"n\":2,\"from\":\"peer\","
                    "\"fate\":\"delivered\",\"source\":\"10.0.0.2\",\"destination\":\"10.0.0.1\","
                    "\"protocol\":\"icmp\",\"type\":\"port-unreachable\","
                    "\"fields\":{\"type\":3,\"code\":3,\"checksum\":4385,\"rest\":0},"
                    "\"length\":36,\"groups\":[],\"quoted\":{\"protocol\":17,"
                    "\"source\":\"10.0.0.1\",\"destination\":\"10.0.0.2\",\"sport\":51869,"
                    "\"dport\":9},\"checksum_ok\":true,\"ether\":null,\"fault\":null}");
    expect_event(4, "{\"event\":\"datagram\",\"time_us\":156,\"n\":4,\"from\":\"peer\","
                    "\"fate\":\"delivered\",\"source\":\"10.0.0.2\","
                    "\"destination\":\"224.0.0.22\",\"protocol\":\"igmp\","
                    "\"type\":\"report-v3\",\"fields\":{\"type\":34,\"maxresp\":0,"
                    "\"checksum\":59641,\"records\":1},\"length\":8,\"groups\":[\"239.1.2.3\"],"
                    "\"quoted\":null,\"checksum_ok\":true,\"ether\":null,\"fault\":null}");
    expect_event(9, "{\"event\":\"datagram\",\"time_us\":416,\"n\":9,\"from\":\"peer\","
                    "\"fate\":\"delivered\",\"source\":\"10.0.0.2\",\"destination\":\"10.0.0.1\","
                    "\"protocol\":null,\"type\":null,\"fields\":{},\"length\":null,"
                    "\"groups\":[],\"quoted\":null,\"checksum_ok\":false,\"ether\":null,"
                    "\"fault\":\"IP length below the header or past the end\"}");
}
END_TEST

/* Its ends are those that it speaks of. */
START_TEST(test_json_arp_has_its_frame)
{
    scene_arp(&scene);
    expect_event(2, "{\"event\":\"datagram\",\"time_us\":52,\"n\":2,\"from\":\"peer\","
                    "\"fate\":\"delivered\",\"source\":\"10.0.0.2\",\"destination\":\"10.0.0.1\","
                    "\"protocol\":\"arp\",\"type\":\"reply\","
                    "\"fields\":{\"htype\":1,\"ptype\":2048,\"hlen\":6,\"plen\":4,\"op\":2,"
                    "\"sha\":\"02:00:00:00:00:02\",\"spa\":\"10.0.0.2\","
                    "\"tha\":\"02:00:00:00:00:01\",\"tpa\":\"10.0.0.1\"},"
                    "\"length\":0,\"groups\":[],\"quoted\":null,\"checksum_ok\":true,"
                    "\"ether\":{\"dst\":\"02:00:00:00:00:01\",\"src\":\"02:00:00:00:00:02\","
                    "\"type\":2054},\"fault\":null}");
    expect_event(4, "{\"event\":\"datagram\",\"time_us\":156,\"n\":4,\"from\":\"local\","
                    "\"fate\":\"delivered\",\"source\":\"none\",\"destination\":\"none\","
                    "\"protocol\":null,\"type\":null,\"fields\":{},\"length\":null,"
                    "\"groups\":[],\"quoted\":null,\"checksum_ok\":false,\"ether\":null,"
                    "\"fault\":\"neither IPv4 nor IPv6\"}");
}
END_TEST

START_TEST(test_json_icmp_error_has_nulls_for_tcp)
{
    scene_unreachable(&scene);
    expect_event(2, "{\"event\":\"segment\",\"time_us\":52,\"n\":2,\"from\":\"peer\","
                    "\"fate\":\"delivered\",\"transport\":\"icmp\",\"flags\":[],\"seq\":null,"
                    "\"ack\":null,\"symbols\":{\"seq\":null,\"ack\":null},\"length\":40,"
                    "\"window\":null,\"window_bytes\":null,\"options\":{},"
                    "\"icmp\":{\"type\":3,\"code\":3,\"text\":\"port unreachable\"},\"fault\":null,"
                    "\"states\":{\"local\":{\"before\":\"SYN-SENT\",\"after\":\"SYN-SENT\"},"
                    "\"peer\":{\"before\":\"SYN-RECEIVED\",\"after\":\"SYN-RECEIVED\"}},"
                    "\"checks\":[]}");
}
END_TEST

START_TEST(test_json_witness_holds_actual_and_expected)
{
    scene_wrong_ack(&scene);
    expect_event(4, "{\"event\":\"witness\",\"time_us\":156,\"moment\":\"after the reset\","
                    "\"answer\":\"answered\",\"state\":\"ESTABLISHED\",\"rcv_nxt\":3735928562,"
                    "\"write_seq\":0,\"expected\":{\"states\":[\"CLOSED\"],"
                    "\"rcv_nxt\":3735928561,\"write_seq\":0},"
                    "\"symbols\":{\"rcv_nxt\":\"J+2\",\"write_seq\":\"K+1\"},\"ok\":false}");
}
END_TEST

START_TEST(test_json_witness_without_answer_has_nulls)
{
    scene_begin(&scene, 4);
    struct ss_event_witness *witness =
        &scene_witness(&scene, "after the handshake", SS_TCP_ESTABLISHED, 7, 9)->witness;
    witness->actual.answer = SS_WITNESS_NONE;
    witness->ok = false;
    expect_event(0, "{\"event\":\"witness\",\"time_us\":0,\"moment\":\"after the handshake\","
                    "\"answer\":\"none\",\"state\":null,\"rcv_nxt\":null,\"write_seq\":null,"
                    "\"expected\":{\"states\":[\"ESTABLISHED\"],\"rcv_nxt\":7,\"write_seq\":9},"
                    "\"symbols\":{\"rcv_nxt\":\"\",\"write_seq\":\"\"},\"ok\":false}");
}
END_TEST

START_TEST(test_json_step_that_failed_holds_both_values)
{
    scene_unmet(&scene);
    expect_event(4, "{\"event\":\"step\",\"time_us\":156,\"kind\":\"expect\","
                    "\"place\":{\"file\":\"handshake.step\",\"line\":5},"
                    "\"text\":\"< SYN,ACK seq=K ack=J+2 mss=1400\","
                    "\"answer\":\"SYN,ACK seq K = 5000 ack J+1 = 1001, 0 octets\",\"n\":2,"
                    "\"checks\":5,\"mismatches\":["
                    "{\"name\":\"ack\",\"expected\":\"J+2 = 1002\",\"actual\":\"J+1 = 1001\"},"
                    "{\"name\":\"mss\",\"expected\":\"1400\",\"actual\":\"none\"}],"
                    "\"ok\":false}");
}
END_TEST

START_TEST(test_json_step_of_the_peer_has_an_answer_and_no_segment)
{
    scene_played(&scene);
    expect_event(6, "{\"event\":\"step\",\"time_us\":260,\"kind\":\"peer\","
                    "\"place\":{\"file\":\"handshake.step\",\"line\":7},"
                    "\"text\":\"peer accept\",\"answer\":\"accepted 10.0.0.1:40001\",\"n\":null,"
                    "\"checks\":0,\"mismatches\":[],\"ok\":true}");
    expect_event(8, "{\"event\":\"step\",\"time_us\":364,\"kind\":\"other\","
                    "\"place\":{\"file\":\"handshake.step\",\"line\":9},"
                    "\"text\":\"drop <\",\"answer\":\"\",\"n\":null,"
                    "\"checks\":0,\"mismatches\":[],\"ok\":true}");
}
END_TEST

START_TEST(test_json_each_line_bears_the_file_it_is_named)
{
    scene_played(&scene);
    json_t *events = json_array(), *event;
    char *text = NULL;
    size_t length, i;
    FILE *out = open_memstream(&text, &length);
    struct ss_json *json = ss_json_open(out);
    ss_json_name(json, "a \xff.step");
    scene_play(&scene, ss_json_sink(json));
    ss_json_close(json, NULL);
    fclose(out);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        json_array_append_new(events, json_loads(line, JSON_REJECT_DUPLICATES, NULL));
    ck_assert_uint_eq(json_array_size(events), scene.count);
    json_array_foreach(events, i, event)
        ck_assert_str_eq(json_string_value(json_object_get(event, "file")), "a \\xff.step");
    json_decref(events);
    free(text);
}
END_TEST

START_TEST(test_json_note_of_any_octets_is_ascii)
{
    scene_begin(&scene, 4);
    scene_note(&scene, true, "a \"quote\" \xff\x01\n");
    expect_event(0, "{\"event\":\"note\",\"time_us\":0,\"warning\":true,"
                    "\"text\":\"a \\\"quote\\\" \\\\xff\\\\x01\\\\n\"}");
}
END_TEST

START_TEST(test_json_end_tells_numbers_and_failure)
{
    scene_wrong_ack(&scene);
    expect_event(5, "{\"event\":\"end\",\"time_us\":208,\"ok\":false,\"status\":\"a check failed\","
                    "\"text\":\"segment 2: synack_ack_not_isn_plus_1: expected 3735928560, "
                    "got 3735928561\",\"segments\":3,\"checks\":12,\"failed\":4,"
                    "\"numbers\":{\"J\":3735928559,\"K\":4294967295,\"M\":null,\"N\":null},"
                    "\"duration_us\":208}");
}
END_TEST

START_TEST(test_json_keys_stand_in_a_fixed_order)
{
    char *text = NULL;
    size_t length;
    scene_begin(&scene, 4);
    scene_note(&scene, false, "x");
    FILE *out = open_memstream(&text, &length);
    struct ss_json *json = ss_json_open(out);
    scene_play(&scene, ss_json_sink(json));
    ss_json_close(json, NULL);
    fclose(out);
    ck_assert_str_eq(text, "{\"event\":\"note\",\"time_us\":0,\"warning\":false,\"text\":\"x\"}\n");
    free(text);
}
END_TEST

START_TEST(test_json_each_line_is_flushed)
{
    char *text = NULL;
    size_t length = 0;
    scene_whole(&scene, 4);
    FILE *out = open_memstream(&text, &length);
    struct ss_json *json = ss_json_open(out);
    struct ss_sink sink = ss_json_sink(json);
    for (size_t i = 0; i < scene.count; i++) {
        size_t before = length;
        sink.take(sink.context, &scene.events[i]);
        ck_assert_uint_gt(length, before);
        ck_assert_int_eq(text[length - 1], '\n');
    }
    ss_json_close(json, NULL);
    fclose(out);
    free(text);
}
END_TEST

START_TEST(test_json_full_disk_is_remembered)
{
    struct ss_problem problem = {0};
    FILE *out = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(out);
    scene_whole(&scene, 4);
    struct ss_json *json = ss_json_open(out);
    scene_play(&scene, ss_json_sink(json));
    ck_assert_int_eq(ss_json_close(json, &problem), SS_NO_SPACE);
    ck_assert_int_eq(problem.status, SS_NO_SPACE);
    ck_assert_ptr_nonnull(strstr(problem.text, "No space left"));
    fclose(out);
}
END_TEST

START_TEST(test_json_unwritable_stream_is_an_io_error)
{
    FILE *out = fopen("/dev/null", "r");
    ck_assert_ptr_nonnull(out);
    scene_whole(&scene, 4);
    struct ss_json *json = ss_json_open(out);
    scene_play(&scene, ss_json_sink(json));
    ck_assert_int_eq(ss_json_close(json, NULL), SS_IO);
    fclose(out);
}
END_TEST

/* --- the manual page ----------------------------------------------------------------------------
 */

/* Adds "segment checks[].name" and the like for each leaf, and each list or object, below. */
static void collect(json_t *keys, const char *event, const char *path, json_t *value)
{
    char text[128];
    const char *key;
    json_t *inner;
    size_t i;
    if (path[0]) {
        snprintf(text, sizeof(text), "%s %s", event, path);
        json_object_set_new(keys, text, json_true());
    }
    if (json_is_object(value))
        json_object_foreach(value, key, inner)
        {
            snprintf(text, sizeof(text), "%s%s%s", path, path[0] ? "." : "", key);
            collect(keys, event, text, inner);
        }
    json_array_foreach(value, i, inner) if (json_is_object(inner))
    {
        snprintf(text, sizeof(text), "%s[]", path);
        collect(keys, event, text, inner);
    }
}

/* The lines of a suite's results. */
static void collect_report(json_t *keys)
{
    char *text = NULL;
    size_t length;
    struct ss_report report = {.out = open_memstream(&text, &length), .format = SS_REPORT_JSON};
    ss_report_tell(&report, &(struct ss_result){.file = "x.step", .title = "X", .text = ""});
    ss_report_end(&report, NULL);
    fclose(report.out);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *event = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        ck_assert_ptr_nonnull(event);
        collect(keys, json_string_value(json_object_get(event, "event")), "", event);
        json_decref(event);
    }
    free(text);
}

/* A header's fields are those of `send --fields`, and no keys of the page. */
static void collect_datagrams(json_t *keys, void (*make)(struct scene *scene))
{
    make(&scene);
    json_t *events = written(), *event;
    size_t i;
    json_array_foreach(events, i, event)
    {
        json_object_clear(json_object_get(event, "fields"));
        collect(keys, json_string_value(json_object_get(event, "event")), "", event);
    }
    json_decref(events);
}

/* One event of each kind in which every key occurs that can. */
static json_t *keys_emitted(void)
{
    json_t *keys = json_object();
    scene_whole(&scene, 4);
    scene_icmp(&scene, 1);
    scene_step(&scene, &(struct ss_event_step){.ok = false});
    scene_mismatch(&scene, "ack", "J+2", "J+1");
    struct ss_tcp_options *options = &scene.events[1].segment.packet.options;
    *options = (struct ss_tcp_options){.has_mss = true,
                                       .has_window_shift = true,
                                       .sack_permitted = true,
                                       .has_timestamps = true,
                                       .has_fast_open = true,
                                       .malformed = true,
                                       .sack_count = 1};
    json_t *events = written(), *event;
    size_t i;
    json_array_foreach(events, i, event)
        collect(keys, json_string_value(json_object_get(event, "event")), "", event);
    json_decref(events);
    collect_datagrams(keys, scene_datagrams);
    collect_datagrams(keys, scene_arp);
    collect_report(keys);
    return keys;
}

/* The subsections of the page are the events, their tagged items the keys. */
static json_t *keys_documented(void)
{
    char path[512], line[512], event[64] = "", key[64], text[128];
    const char *source = getenv("SYNSTEP_SRCDIR");
    snprintf(path, sizeof(path), "%s/man/synstep-json.5", source ? source : ".");
    FILE *page = fopen(path, "r");
    ck_assert_msg(page != NULL, "%s is not there", path);
    json_t *keys = json_object();
    while (fgets(line, sizeof(line), page)) {
        if (sscanf(line, ".Ss %63s", event) == 1 || sscanf(line, ".It Va %63s", key) != 1)
            continue;
        snprintf(text, sizeof(text), "%s %s", event, key);
        ck_assert_msg(!json_object_get(keys, text), "%s stands there twice", text);
        json_object_set_new(keys, text, json_true());
    }
    fclose(page);
    return keys;
}

/* An object that holds others, as "states" does, need not have an item of its own. */
static bool holds_others(json_t *keys, const char *path)
{
    const char *key;
    json_t *value;
    size_t length = strlen(path);
    json_object_foreach(keys, key,
                        value) if (strncmp(key, path, length) == 0 &&
                                   (key[length] == '.' || key[length] == '[')) return true;
    return false;
}

START_TEST(test_json_keys_are_those_of_the_manual_page)
{
    json_t *emitted = keys_emitted(), *documented = keys_documented(), *value;
    const char *key;
    ck_assert_uint_gt(json_object_size(documented), 60);
    json_object_foreach(emitted, key, value)
        ck_assert_msg(json_object_get(documented, key) || holds_others(emitted, key),
                      "%s is not in the manual page", key);
    json_object_foreach(documented, key, value)
        ck_assert_msg(json_object_get(emitted, key), "%s is documented, but never written", key);
    json_decref(emitted);
    json_decref(documented);
}
END_TEST

static Suite *json_suite(void)
{
    Suite *suite = suite_create("json");
    TCase *events = tcase_create("events");
    tcase_add_test(events, test_json_start_names_both_ends);
    tcase_add_test(events, test_json_start_without_j_has_null_and_a_title);
    tcase_add_test(events, test_json_step_that_failed_holds_both_values);
    tcase_add_test(events, test_json_step_of_the_peer_has_an_answer_and_no_segment);
    tcase_add_test(events, test_json_each_line_bears_the_file_it_is_named);
    tcase_add_test(events, test_json_segment_holds_numbers_symbols_and_checks);
    tcase_add_test(events, test_json_icmp_error_has_nulls_for_tcp);
    tcase_add_test(events, test_json_datagrams_have_their_fields_by_name);
    tcase_add_test(events, test_json_arp_has_its_frame);
    tcase_add_test(events, test_json_witness_holds_actual_and_expected);
    tcase_add_test(events, test_json_witness_without_answer_has_nulls);
    tcase_add_test(events, test_json_note_of_any_octets_is_ascii);
    tcase_add_test(events, test_json_end_tells_numbers_and_failure);
    tcase_add_test(events, test_json_keys_stand_in_a_fixed_order);
    tcase_add_test(events, test_json_keys_are_those_of_the_manual_page);
    suite_add_tcase(suite, events);
    TCase *writing = tcase_create("writing");
    tcase_add_test(writing, test_json_each_line_is_flushed);
    tcase_add_test(writing, test_json_full_disk_is_remembered);
    tcase_add_test(writing, test_json_unwritable_stream_is_an_io_error);
    suite_add_tcase(suite, writing);
    return suite;
}

int main(void)
{
    return check_main(json_suite());
}
