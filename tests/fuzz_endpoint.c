/*
 * fuzz_endpoint: endpoint_driver fed by libFuzzer, or by the files named on the command line. A
 * broken invariant ends the process. `make check` runs it on a few inputs of its own.
 *
 *     clang -DFUZZER -fsanitize=fuzzer,address,undefined -Iinclude tests/fuzz_endpoint.c \
 *         src/base/seq.c src/proto/tcp.c src/tcp/endpoint*.c -o fuzz_endpoint
 */
#include <stdio.h>
#include <stdlib.h>

#define must(condition, ...)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fprintf(stderr, "\n");                                                                 \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#include "endpoint_driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    static struct driver driver;
    drive_endpoint(&driver, octets, length);
    return 0;
}

#ifndef FUZZER

enum { INPUT_BYTES_MAX = 1 << 20 };

static bool replay(const char *path)
{
    static uint8_t input[INPUT_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t length = fread(input, 1, sizeof(input), file);
    fclose(file);
    LLVMFuzzerTestOneInput(input, length);
    return true;
}

static void run_plain_inputs(void)
{
    static uint8_t input[4096];
    for (unsigned octet = 0; octet < 256; octet++) {
        memset(input, (int)octet, sizeof(input));
        LLVMFuzzerTestOneInput(input, octet * 16);
    }
}

int main(int argc, char **argv)
{
    bool good = true;
    printf("1..%d\n", argc > 1 ? argc - 1 : 1);
    for (int i = 1; i < argc; i++) {
        bool read = replay(argv[i]);
        printf("%s %d - %s\n", read ? "ok" : "not ok", i, argv[i]);
        good = good && read;
    }
    if (argc == 1) {
        run_plain_inputs();
        printf("ok 1 - inputs of one octet repeated\n");
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
