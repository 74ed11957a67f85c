/* test_preview: a segment to be sent, its sums against numbers worked out by hand below, and the
 * whole against golden files. */
#include "stepped.h"

#include "golden.h"
#include "synstep/preview.h"

#define ECHO                                                                                       \
    "let J = 1000\n"                                                                               \
    "> SYN seq=J mss=1460\n"                                                                       \
    "< SYN,ACK seq=K ack=J+1\n"                                                                    \
    "> ACK seq=J+1 ack=K+1\n"                                                                      \
    "> PSH,ACK \"hello\"\n"

static struct stepped stepped;

/* The next step's segment; `before` as in ss_preview. */
struct draft {
    struct ss_draft draft;
    uint8_t octets[2048];
    size_t length;
};

static void draft_next(struct draft *draft)
{
    ck_assert_int_eq(ss_player_draft(stepped.player, &draft->draft, &stepped.problem), SS_OK);
    draft->draft.craft.options = draft->draft.options;
    draft->draft.craft.ipv4.id = 1;
    ck_assert_int_eq(
        ss_draft_build(&draft->draft, draft->octets, sizeof(draft->octets), &draft->length), SS_OK);
}

static void rebuild(struct draft *draft)
{
    ck_assert_int_eq(
        ss_draft_build(&draft->draft, draft->octets, sizeof(draft->octets), &draft->length), SS_OK);
}

static const char *preview(const struct draft *draft, const struct draft *before, const char *edits)
{
    struct ss_preview shown = {
        .step = ss_player_next(stepped.player),
        .edits = edits,
        .draft = &draft->draft,
        .octets = draft->octets,
        .length = draft->length,
        .before = before ? before->octets : NULL,
        .before_length = before ? before->length : 0,
        .verify = ss_player_tcb(stepped.player).verify,
    };
    ss_preview_show(stepped.ladder, &shown);
    return stepped_shown(&stepped);
}

static void has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no '%s' in:\n%s", part, text);
}

START_TEST(test_preview_of_data_is_as_drawn)
{
    struct draft draft;
    stepped_open(&stepped, 4, 80, ECHO);
    stepped_go(&stepped, 4);
    draft_next(&draft);
    expect_golden_text("preview_data", preview(&draft, NULL, ""));
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_preview_over_ipv6_in_ascii_is_as_drawn)
{
    struct draft draft;
    stepped_open(&stepped, 6, 0, ECHO);
    stepped_go(&stepped, 1);
    draft_next(&draft);
    expect_golden_text("preview_ipv6", preview(&draft, NULL, ""));
    stepped_close(&stepped);
}
END_TEST

/*
 * RFC 1071 by hand. The pseudo-header: 0a00 + 0001 + 0a00 + 0002 + 0006 + 0019 = 1422. The TCP
 * header: 9c41 + 22b8 + 0000 + 03e9 + 0000 + 1389 + 5018 + faf0 = 22173. The payload: 6865 + 6c6c +
 * 6f00 = 143d1. In all 37966, with the carry 7969, complement 8696.
 */
START_TEST(test_preview_sums_are_those_worked_out_by_hand)
{
    struct draft draft;
    stepped_open(&stepped, 4, 80, ECHO);
    stepped_go(&stepped, 4);
    draft_next(&draft);
    const char *text = preview(&draft, NULL, "");
    has(text, "pseudo-header 0a00 0001 0a00 0002 0006 0019                         1422");
    has(text, "header        9c41 22b8 0000 03e9 0000 1389 5018 faf0 0000 0000    22173");
    has(text, "payload       6865 6c6c 6f00                                       143d1");
    has(text, "sum                                                                37966");
    has(text, "carry added   3 + 7966                                              7969");
    has(text, "complement    ffff - 7969                                           8696");
    has(text, "the header has 8696                                  right");
    has(text, "Checksum                0x8696        right");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_preview_of_a_corrupted_sum_tells_what_goes_instead)
{
    struct draft draft;
    stepped_open(&stepped, 4, 80, ECHO);
    stepped_go(&stepped, 4);
    draft_next(&draft);
    draft.draft.corrupt = SS_CORRUPT_TCP_CHECKSUM | SS_CORRUPT_IP_CHECKSUM;
    rebuild(&draft);
    const char *text = preview(&draft, NULL, "");
    has(text, "complement    ffff - 7969                                           8696\n"
              "                    the header has 8796, as it was asked for             WRONG");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_preview_of_a_sum_that_carries_twice_says_so)
{
    struct draft draft;
    stepped_open(&stepped, 4, 80, ECHO);
    stepped_go(&stepped, 4);
    draft_next(&draft);
    /* In all it makes 37966; with this urgent pointer 3fffe: 0003 + fffe carries again. */
    draft.draft.craft.tcp.urgent = 0x8698;
    rebuild(&draft);
    has(preview(&draft, NULL, ""),
        "carry added   3 + fffe                                             10001\n"
        "      and again     1 + 0001                                              0002\n");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_preview_marks_only_what_was_changed)
{
    struct draft before, draft;
    stepped_open(&stepped, 4, 80, ECHO);
    stepped_go(&stepped, 4);
    draft_next(&before);
    draft = before;
    draft.draft.craft.ipv4.more_fragments = true;
    rebuild(&draft);
    expect_golden_text("preview_changed", preview(&draft, &before, "ip.mf=1"));
    stepped_close(&stepped);
}
END_TEST

/* Octets of one option are held against those of the same one, however many have its name. */
START_TEST(test_preview_of_options_of_the_same_name_marks_nothing_that_stayed)
{
    struct draft before, draft;
    stepped_open(&stepped, 4, 80, "> SYN opt=254:0a opt=254:0b opt=253:0c nop\n");
    draft_next(&before);
    draft = before;
    draft.draft.craft.options = draft.draft.options;
    rebuild(&draft);
    const char *text = preview(&draft, &before, "");
    ck_assert_ptr_null(strstr(text, "\n*"));
    has(text, "options       fe03 0afe 030b fd03 0c01 0000 ");
    stepped_close(&stepped);
}
END_TEST

START_TEST(test_preview_sums_the_padding_of_options_too)
{
    struct draft draft;
    stepped_open(&stepped, 4, 80, "> SYN seq=1 wscale=7 \"data\"\n");
    draft_next(&draft);
    const char *text = preview(&draft, NULL, "");
    has(text, "options       0303 0700 ");
    has(text, "payload       6461 7461 ");
    ck_assert_ptr_null(strstr(text, "asked for"));
    stepped_close(&stepped);
}
END_TEST

/* A field that lies about the headers' lengths: what is summed is what is there. */
START_TEST(test_preview_of_lying_lengths_sums_what_is_there)
{
    struct draft draft;
    stepped_open(&stepped, 4, 80, ECHO);
    stepped_go(&stepped, 4);
    draft_next(&draft);
    draft.draft.craft.ipv4.ihl_words = 15;
    draft.draft.craft.verbatim |= SS_CRAFT_IPV4_IHL;
    rebuild(&draft);
    has(preview(&draft, NULL, ""),
        "complement    ffff - 7969                                           8696\n");
    stepped_close(&stepped);
}
END_TEST

static Suite *preview_suite(void)
{
    Suite *suite = suite_create("preview");
    TCase *tests = tcase_create("preview");
    tcase_add_test(tests, test_preview_of_data_is_as_drawn);
    tcase_add_test(tests, test_preview_over_ipv6_in_ascii_is_as_drawn);
    tcase_add_test(tests, test_preview_sums_are_those_worked_out_by_hand);
    tcase_add_test(tests, test_preview_of_a_corrupted_sum_tells_what_goes_instead);
    tcase_add_test(tests, test_preview_of_a_sum_that_carries_twice_says_so);
    tcase_add_test(tests, test_preview_marks_only_what_was_changed);
    tcase_add_test(tests, test_preview_of_options_of_the_same_name_marks_nothing_that_stayed);
    tcase_add_test(tests, test_preview_sums_the_padding_of_options_too);
    tcase_add_test(tests, test_preview_of_lying_lengths_sums_what_is_there);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return check_main(preview_suite());
}
