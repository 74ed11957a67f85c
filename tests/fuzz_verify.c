/*
 * fuzz_verify: any octets as a capture file, judged as `synstep verify` does it: file in, verdicts
 * out. Aborts when something leaves its bounds, and when the same packets are judged otherwise
 *   - with the checks that held asked for, which takes the long way through verify,
 *   - with another number added to all that each end's stream is numbered by.
 *
 * Built with -DFUZZ_WITH_LIBFUZZER it is a libFuzzer target; tests/captures are its seeds:
 *
 *     clang -g -O2 -std=gnu17 -D_GNU_SOURCE= -DFUZZ_WITH_LIBFUZZER -Iinclude \
 *         -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
 *         tests/fuzz_verify.c src/base/[a-z]*.c src/proto/[a-z]*.c src/tcp/verify*.c \
 *         src/run/flow*.c src/show/verdict_words.c src/wire/capture_file.c \
 *         src/wire/capture_[gps]*.c src/wire/fragments.c src/wire/unwrap.c -lz -lm -o fuzz_verify
 *     mkdir CORPUS && ./fuzz_verify -max_len=2048 -entropic=0 CORPUS tests/captures
 *
 * Built plainly, its own main runs the files that are named, or, by `make check`, those of
 * tests/captures, whole and changed at random.
 */
#include "fuzz_mutator.h"
#include "judged_thrice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    judge_thrice(data, size);
    return 0;
}

#ifdef FUZZ_WITH_LIBFUZZER
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    struct ss_random random = ss_random_seeded(seed);
    if (ss_random_below(&random, 8) && mutate_capture(&random, data, &size, most))
        return size;
    return LLVMFuzzerMutate(data, size, most);
}
#else
#include <dirent.h>

#include "check_main.h"
#include "exact.h"

enum { ROUNDS = 30000, SLOW_ROUNDS = 300, CAPTURES_MAX = 256, CAPTURE_BYTES_MAX = 1 << 16 };

struct capture {
    size_t length;
    uint8_t *octets;
};

static struct capture captures[CAPTURES_MAX];
static uint32_t capture_count;

static bool read_capture(const char *name)
{
    static uint8_t octets[CAPTURE_BYTES_MAX];
    FILE *file = fopen(name, "rb");
    if (!file || capture_count == CAPTURES_MAX)
        return false;
    struct capture *capture = &captures[capture_count++];
    capture->length = fread(octets, 1, sizeof(octets), file);
    capture->octets = malloc(capture->length + 1);
    if (capture->octets)
        memcpy(capture->octets, octets, capture->length);
    return fclose(file) == 0 && capture->octets;
}

/* Expected outputs lie beside them; what is no capture is refused, and that is run, too. */
static void read_folder(void)
{
    const char *source = getenv("SYNSTEP_SRCDIR");
    char name[600];
    snprintf(name, sizeof(name), "%s/tests/captures", source ? source : ".");
    DIR *folder = opendir(name);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        snprintf(name, sizeof(name), "%s/tests/captures/%.200s", source ? source : ".",
                 entry->d_name);
        if (strstr(entry->d_name, ".pcap"))
            ck_assert_msg(read_capture(name), "%s", name);
    }
    closedir(folder);
    ck_assert_uint_gt(capture_count, 20);
}

static void free_captures(void)
{
    while (capture_count > 0)
        free(captures[--capture_count].octets);
}

START_TEST(test_fuzz_verify_captures_are_judged_within_bounds)
{
    for (uint32_t i = 0; i < capture_count; i++) {
        struct exact copy = exact_copy(captures[i].octets, captures[i].length);
        judge_thrice(copy.octets, captures[i].length);
        exact_free(copy);
    }
}
END_TEST

static void run_moved(const struct capture *capture, uint32_t first, uint32_t second)
{
    chosen.moves[0] = first;
    chosen.moves[1] = second;
    judge_thrice(capture->octets, capture->length);
}

START_TEST(test_fuzz_verify_captures_moved_at_random_are_judged_the_same)
{
    struct ss_random random = ss_random_seeded(9293);
    uint32_t rounds = check_is_slow() ? 50 : 2000;
    chosen.moves_chosen = true;
    for (uint32_t i = 0; i < rounds; i++)
        run_moved(&captures[i % capture_count], ss_random_next32(&random),
                  ss_random_next32(&random));
    chosen.moves_chosen = false;
}
END_TEST

/* Each number that a segment begins, ends, acknowledges or offers, SACK's too, comes to be 0. */
START_TEST(test_fuzz_verify_captures_with_each_edge_on_0_are_judged_the_same)
{
    struct ss_random random = ss_random_seeded(5961);
    uint32_t every = check_is_slow() ? 60 : 1, edges = 0;
    for (uint32_t i = 0; i < capture_count; i++) {
        chosen.edge_count = 0;
        chosen.collects = true;
        judge_thrice(captures[i].octets, captures[i].length);
        chosen.collects = false;
        chosen.moves_chosen = true;
        for (uint32_t n = i % every; n < chosen.edge_count; n += every) {
            uint32_t own = 0 - chosen.edges[n].number, other = ss_random_next32(&random);
            bool upper = chosen.edges[n].stream;
            run_moved(&captures[i], upper ? other : own, upper ? own : other);
        }
        chosen.moves_chosen = false;
        edges += chosen.edge_count;
        ck_assert_uint_lt(chosen.edge_count, EDGES_MAX);
    }
    ck_assert_uint_gt(edges, 2000);
}
END_TEST

START_TEST(test_fuzz_verify_changed_captures_are_judged_within_bounds)
{
    static uint8_t octets[CAPTURE_BYTES_MAX];
    struct ss_random random = ss_random_seeded(2026);
    int rounds = check_is_slow() ? SLOW_ROUNDS : ROUNDS;
    for (int i = 0; i < rounds; i++) {
        struct capture capture = captures[ss_random_below(&random, capture_count)];
        memcpy(octets, capture.octets, capture.length);
        for (int again = 0; again < 4; again++)
            if (!mutate_capture(&random, octets, &capture.length, sizeof(octets)))
                octets[ss_random_below(&random, (uint32_t)capture.length)] ^= 0x41;
        struct exact copy = exact_copy(octets, capture.length);
        judge_thrice(copy.octets, capture.length);
        exact_free(copy);
    }
}
END_TEST

static int run_files(int count, char **names)
{
    for (int i = 0; i < count; i++) {
        if (!read_capture(names[i]))
            return EXIT_FAILURE;
        judge_thrice(captures[capture_count - 1].octets, captures[capture_count - 1].length);
        free_captures();
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    Suite *suite = suite_create("fuzz_verify");
    TCase *tests = tcase_create("fuzz_verify");
    if (argc > 1)
        return run_files(argc - 1, argv + 1);
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, read_folder, free_captures);
    tcase_add_test(tests, test_fuzz_verify_captures_are_judged_within_bounds);
    tcase_add_test(tests, test_fuzz_verify_captures_moved_at_random_are_judged_the_same);
    tcase_add_test(tests, test_fuzz_verify_captures_with_each_edge_on_0_are_judged_the_same);
    tcase_add_test(tests, test_fuzz_verify_changed_captures_are_judged_within_bounds);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
#endif
