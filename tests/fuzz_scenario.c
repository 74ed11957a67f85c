/*
 * fuzz_scenario: feeds any text to the scenario parser and aborts when what comes of it leaves its
 * bounds: steps, names, payloads, diagnostics.
 *
 * Built with -DFUZZ_WITH_LIBFUZZER -fsanitize=fuzzer it is a libFuzzer target:
 *
 *     clang -g -O1 -std=gnu17 -D_GNU_SOURCE= -DFUZZ_WITH_LIBFUZZER -Iinclude \
 *         -fsanitize=fuzzer,address,undefined tests/fuzz_scenario.c src/run/scenario*.c \
 *         src/wire/far.c src/proto/[aceilmpt]*.c src/base/seq.c src/base/words.c \
 *         src/base/status.c -o fuzz_scenario
 *     ./fuzz_scenario -max_len=2048 -dict=tests/corpus/scenario.dict CORPUS tests/corpus/scenario
 *
 * Built plainly, by `make check`, its own main replays that corpus, whole and damaged at random.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scenario_bounds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* --- files that an input may name --------------------------------------------------------------*/

struct input {
    const uint8_t *data;
    size_t size;
    unsigned reads; /* of the input itself: what includes itself twice takes long */
};

enum { READS_MAX = 5 };

static enum ss_status give(const void *from, size_t size, uint8_t **octets, size_t *length)
{
    *octets = malloc(size + 1);
    require(*octets != NULL);
    memcpy(*octets, from, size);
    *length = size;
    return SS_OK;
}

/* "a": a scenario; "b": octets; "me" in any folder: the input itself. */
static enum ss_status read_file(void *context, const char *path, uint8_t **octets, size_t *length,
                                struct ss_problem *problem)
{
    static const char scenario[] = "title \"a\"\nlet A = 1\nparam p = 2\n> ACK seq=A \"a\"\n";
    struct input *input = context;
    size_t end = strlen(path);
    if (strcmp(path, "a") == 0)
        return give(scenario, sizeof(scenario) - 1, octets, length);
    if (strcmp(path, "b") == 0)
        return give("\0\xff\n", 3, octets, length);
    if (end >= 2 && strcmp(path + end - 2, "me") == 0 && input->reads++ < READS_MAX)
        return give(input->data, input->size, octets, length);
    return ss_problem_set(problem, SS_UNREADABLE, "%s: No such file", path);
}

/* --- one input ---------------------------------------------------------------------------------*/

static void check_format(const struct ss_diagnostics *diagnostics)
{
    char text[1200];
    for (size_t i = 0; i < diagnostics->count; i++) {
        size_t length = ss_diagnostic_format(&diagnostics->list[i], text, sizeof(text));
        require(length == strlen(text) && text[length - 1] == '\n');
        require(ss_diagnostic_format(&diagnostics->list[i], text, 20) == 19);
    }
}

static void check(enum ss_status status, const struct ss_scenario *scenario,
                  const struct ss_diagnostics *diagnostics)
{
    require(status == SS_OK || status == SS_USAGE || status == SS_UNREADABLE);
    require((status == SS_OK) == (scenario != NULL));
    require((status == SS_OK) == (diagnostics->found == 0));
    require(diagnostics_within_bounds(diagnostics));
    check_format(diagnostics);
    require(!scenario || scenario_within_bounds(scenario));
}

static void try_file(const uint8_t *data, size_t size)
{
    static struct ss_diagnostics diagnostics;
    static const struct ss_scenario_param params[] = {{"n", "3"}, {"r", "random"}};
    struct input input = {data, size, 0};
    struct ss_scenario *scenario = NULL;
    struct ss_scenario_source source = {
        .file = "fuzz.step",
        .text = (const char *)data,
        .length = size,
        .params = params,
        .param_count = size & 1 ? 2 : 0,
        .reader = {&input, read_file},
    };
    enum ss_status status = ss_scenario_parse(&source, &scenario, &diagnostics);
    check(status, scenario, &diagnostics);
    ss_scenario_free(scenario);
}

/* The same as what is typed at the stepping prompt. */
static void try_step(const uint8_t *data, size_t size, bool fields_only)
{
    static struct ss_diagnostics diagnostics;
    static const char *const names[] = {"J", "K", "n"};
    static const struct ss_scenario scenario = {.title = "", .names = names, .name_count = 3};
    struct ss_scenario *extra = NULL;
    char text[256];
    if (size >= sizeof(text))
        return;
    memcpy(text, data, size);
    text[size] = '\0';
    enum ss_status status =
        ss_scenario_parse_step(&scenario, text, fields_only, &extra, &diagnostics);
    check(status, extra, &diagnostics);
    require(!extra || (extra->step_count == 1 && extra->name_count == 3));
    ss_scenario_free(extra);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_file(data, size);
    try_step(data, size, false);
    try_step(data, size, true);
    return 0;
}

#ifndef FUZZ_WITH_LIBFUZZER
#include "check_main.h"
#include "exact.h"
#include "synstep/random.h"

#include <dirent.h>

enum { ROUNDS = 300, ROUNDS_SLOW = 5, MOST = 4096 };

static void try_exactly(const uint8_t *octets, size_t length)
{
    struct exact copy = exact_copy(octets, length);
    LLVMFuzzerTestOneInput(copy.octets, length);
    exact_free(copy);
}

/* Some octets changed, and some cut off. */
static void try_damaged(struct ss_random *random, const uint8_t *octets, size_t length)
{
    uint8_t damaged[MOST];
    memcpy(damaged, octets, length);
    for (uint32_t changes = ss_random_below(random, 6); length > 0 && changes > 0; changes--)
        damaged[ss_random_below(random, (uint32_t)length)] = (uint8_t)ss_random_next32(random);
    if (ss_random_below(random, 3) == 0)
        length = ss_random_below(random, (uint32_t)length + 1);
    try_exactly(damaged, length);
}

static void replay(const char *path, struct ss_random *random)
{
    uint8_t octets[MOST];
    FILE *file = fopen(path, "rb");
    require(file != NULL);
    size_t length = fread(octets, 1, sizeof(octets), file);
    fclose(file);
    try_exactly(octets, length);
    for (int i = 0; i < (check_is_slow() ? ROUNDS_SLOW : ROUNDS); i++)
        try_damaged(random, octets, length);
}

int main(void)
{
    const char *source = getenv("SYNSTEP_SRCDIR");
    char folder[512], path[1024];
    struct ss_random random = ss_random_seeded(2026);
    int files = 0;
    snprintf(folder, sizeof(folder), "%s/tests/corpus/scenario", source ? source : ".");
    DIR *corpus = opendir(folder);
    for (struct dirent *entry; corpus && (entry = readdir(corpus)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        replay(path, &random);
        files++;
    }
    if (corpus)
        closedir(corpus);
    printf("%s 1 - %d files, whole and damaged, stay within bounds\n1..1\n",
           files > 0 ? "ok" : "not ok", files);
    return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
