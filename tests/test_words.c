/* test_words: which word may have been meant, and when none. */
#include "check_main.h"

#include <string.h>

#include "synstep/words.h"

static const char *const words[] = {"SYN", "SYNACK", "window", "wscale", "mss"};

enum { WORDS = sizeof(words) / sizeof(words[0]) };

static const char *nearest(const char *word)
{
    return ss_words_nearest(word, words, WORDS);
}

START_TEST(test_words_insertion_deletion_replacement_are_near)
{
    ck_assert_str_eq(nearest("SYNN"), "SYN");
    ck_assert_str_eq(nearest("windw"), "window");
    ck_assert_str_eq(nearest("wssale"), "wscale");
}
END_TEST

START_TEST(test_words_exchange_of_neighbours_is_one_edit)
{
    ck_assert_str_eq(nearest("SNY"), "SYN");
    ck_assert_str_eq(nearest("wniodw"), "window");
}
END_TEST

START_TEST(test_words_the_word_itself_is_nearest)
{
    for (size_t i = 0; i < WORDS; i++)
        ck_assert_str_eq(nearest(words[i]), words[i]);
}
END_TEST

START_TEST(test_words_far_empty_or_long_word_has_none_near)
{
    char longest[100] = "";
    memset(longest, 'w', sizeof(longest) - 1);
    ck_assert_ptr_null(nearest("sequence"));
    ck_assert_ptr_null(nearest(""));
    ck_assert_ptr_null(nearest("K"));
    ck_assert_ptr_null(ss_words_nearest("SYN", words, 0));
    ck_assert_ptr_null(ss_words_nearest("mss", (const char *const[]){longest}, 1));
}
END_TEST

/* Longer than the table of edits is wide: far from any word, however long. */
START_TEST(test_words_word_over_the_table_is_far)
{
    char longest[100] = "";
    memset(longest, 'w', sizeof(longest) - 1);
    ck_assert_ptr_null(nearest(longest));
}
END_TEST

static Suite *words_suite(void)
{
    Suite *suite = suite_create("words");
    TCase *near = tcase_create("near");
    tcase_add_test(near, test_words_insertion_deletion_replacement_are_near);
    tcase_add_test(near, test_words_exchange_of_neighbours_is_one_edit);
    tcase_add_test(near, test_words_the_word_itself_is_nearest);
    suite_add_tcase(suite, near);
    TCase *far = tcase_create("far");
    tcase_add_test(far, test_words_far_empty_or_long_word_has_none_near);
    tcase_add_test(far, test_words_word_over_the_table_is_far);
    suite_add_tcase(suite, far);
    return suite;
}

int main(void)
{
    return check_main(words_suite());
}
