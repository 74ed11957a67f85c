/*
 * test_dissection: what an explained frame looks like, against golden files in tests/golden (run
 * with UPDATE_GOLDEN=1 it rewrites them: read the difference before it is committed), and what must
 * hold of any frame.
 */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "exact.h"
#include "frames.h"
#include "random_stack.h"
#include "stack_frames.h"
#include "synstep/dissection.h"
#include "synstep/headers.h"

/* What is printed of a frame; the caller frees it. */
static char *shown(struct ss_dissection_options options, const struct ss_dissection_frame *frame)
{
    char *text = NULL;
    size_t length;
    options.out = open_memstream(&text, &length);
    (void)ss_dissection_show(&options, frame);
    fclose(options.out);
    return text;
}

static char *read_whole(const char *path)
{
    static char text[32768];
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
    text[length] = '\0';
    if (file)
        fclose(file);
    return file ? text : NULL;
}

static void update(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void expect_golden(const char *name, struct ss_dissection_options options,
                          const struct ss_dissection_frame *frame)
{
    char path[512];
    const char *source = getenv("SYNSTEP_SRCDIR");
    snprintf(path, sizeof(path), "%s/tests/golden/%s.txt", source ? source : ".", name);
    char *text = shown(options, frame);
    if (getenv("UPDATE_GOLDEN"))
        update(path, text);
    const char *golden = read_whole(path);
    ck_assert_msg(golden != NULL, "%s is not there", path);
    ck_assert_msg(strcmp(golden, text) == 0, "%s differs; this was printed:\n%s", path, text);
    free(text);
}

#define OPTIONS(...) ((struct ss_dissection_options){__VA_ARGS__})
#define FRAME(from, ...)                                                                           \
    (&(struct ss_dissection_frame){.octets = (from), .length = sizeof(from), __VA_ARGS__})

START_TEST(test_dissection_syn_is_shown_whole)
{
    expect_golden("dissection_100", OPTIONS(.columns = 100),
                  FRAME(frame_v4_syn, .link = SS_LINK_ETHERNET));
    expect_golden("dissection_80", OPTIONS(.columns = 80),
                  FRAME(frame_v4_syn, .link = SS_LINK_ETHERNET, .guessed = true));
}
END_TEST

START_TEST(test_dissection_headers_behind_headers_are_shown)
{
    expect_golden("dissection_v6", OPTIONS(.columns = 100),
                  FRAME(datagram_segments, .link = SS_LINK_IP, .number = 7));
    expect_golden("dissection_quoted_ascii", OPTIONS(.columns = 80, .ascii = true),
                  FRAME(datagram_port, .link = SS_LINK_IP));
}
END_TEST

/* SYN and FIN, a reserved bit, no options where the offset says some, padding. */
START_TEST(test_dissection_what_is_illegal_is_marked)
{
    uint8_t wrong[sizeof(frame_v4_syn) + 4] = {0};
    memcpy(wrong, frame_v4_syn, sizeof(frame_v4_syn));
    wrong[20] |= 0x80;
    wrong[47] = 0x03;
    wrong[55] = 9;
    expect_golden("dissection_illegal_color", OPTIONS(.columns = 100, .color = true),
                  FRAME(wrong, .link = SS_LINK_ETHERNET));
}
END_TEST

/* Columns of one line of UTF-8. */
static size_t width_of(const char *line, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++)
        width += ((uint8_t)line[i] & 0xc0) != 0x80;
    return width;
}

static void expect_fits(const char *text, size_t columns)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        ck_assert_msg(width_of(text, length) <= columns, "%.*s", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static struct random_stack made;

/* A frame with a layer of that kind, at times damaged or cut off. */
static size_t make(enum ss_layer_kind kind, uint8_t *octets)
{
    size_t length = 0;
    random_make(&made, kind);
    ck_assert_int_eq(ss_stack_build(&made.stack, octets, RANDOM_FRAME_MAX, &length, NULL), SS_OK);
    for (uint32_t changes = random_below(&made, 5); changes > 0; changes--)
        octets[random_below(&made, (uint32_t)length)] = (uint8_t)random_below(&made, 256);
    return random_below(&made, 3) ? length : random_below(&made, (uint32_t)length + 1);
}

START_TEST(test_dissection_any_frame_fits_its_columns)
{
    uint8_t octets[RANDOM_FRAME_MAX];
    made.random = ss_random_seeded(500 + (uint64_t)_i);
    for (int round = 0; round < (check_is_slow() ? 10 : 200); round++) {
        size_t length = make((enum ss_layer_kind)_i, octets);
        struct exact copy = exact_copy(octets, length);
        unsigned columns = round % 2 ? 80 : 100;
        char *text = shown(OPTIONS(.columns = columns),
                           &(struct ss_dissection_frame){
                               .link = SS_LINK_ETHERNET, .octets = copy.octets, .length = length});
        expect_fits(text, columns);
        free(text);
        exact_free(copy);
    }
}
END_TEST

struct cover {
    size_t before;
    size_t covered;
};

static void cover(void *context, const struct ss_field_line *line)
{
    struct cover *cover = context;
    ck_assert_uint_ge(line->offset, cover->before);
    ck_assert_msg(line->offset <= cover->covered, "octet %zu stands in no field", cover->covered);
    cover->before = line->offset;
    if (line->offset + line->length > cover->covered)
        cover->covered = line->offset + line->length;
}

/* Whatever the frame: each octet stands in a field, in order, and nothing outside is read. */
START_TEST(test_dissection_every_octet_stands_in_a_field)
{
    uint8_t octets[RANDOM_FRAME_MAX];
    made.random = ss_random_seeded(600 + (uint64_t)_i);
    for (int round = 0; round < (check_is_slow() ? 20 : 500); round++) {
        size_t length = make((enum ss_layer_kind)_i, octets);
        struct exact copy = exact_copy(octets, length);
        struct ss_stack stack;
        struct ss_stack_faults faults;
        struct cover seen = {0};
        ss_stack_dissect(SS_LINK_ETHERNET, copy.octets, length, &stack, &faults);
        for (size_t i = 0; i < stack.count; i++)
            ss_headers_visit_layer(&stack, copy.octets, length, i, cover, &seen);
        ck_assert_uint_eq(seen.covered, length);
        exact_free(copy);
    }
}
END_TEST

static Suite *dissection_suite(void)
{
    Suite *suite = suite_create("dissection");
    TCase *golden = tcase_create("golden");
    tcase_add_test(golden, test_dissection_syn_is_shown_whole);
    tcase_add_test(golden, test_dissection_headers_behind_headers_are_shown);
    tcase_add_test(golden, test_dissection_what_is_illegal_is_marked);
    suite_add_tcase(suite, golden);
    TCase *any = tcase_create("any frame");
    tcase_add_loop_test(any, test_dissection_any_frame_fits_its_columns, 0, SS_LAYER_KINDS);
    tcase_add_loop_test(any, test_dissection_every_octet_stands_in_a_field, 0, SS_LAYER_KINDS);
    suite_add_tcase(suite, any);
    return suite;
}

int main(void)
{
    return check_main(dissection_suite());
}
