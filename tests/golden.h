/* golden: a text held against a file in tests/golden. With UPDATE_GOLDEN=1 the file is rewritten:
 * read the difference before it is committed. */
#ifndef SS_TESTS_GOLDEN_H
#define SS_TESTS_GOLDEN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void golden_update(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static inline char *golden_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s is not there", path);
    char *text = NULL;
    size_t size = 0;
    if (getdelim(&text, &size, '\0', file) < 0 && text)
        text[0] = '\0';
    fclose(file);
    return text;
}

static inline void expect_golden_text(const char *name, const char *text)
{
    const char *source = getenv("SYNSTEP_SRCDIR");
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/golden/%s.txt", source ? source : ".", name);
    if (getenv("UPDATE_GOLDEN"))
        golden_update(path, text);
    char *golden = golden_read(path);
    ck_assert_msg(strcmp(golden, text) == 0, "%s differs; this was printed:\n%s", path, text);
    free(golden);
}

#endif
