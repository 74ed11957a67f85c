/* send_progress: when it is time for the bar, and the bar. */
#include "send_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { AFTER_US = 2000000, EVERY_US = 100000, WIDTH = 30 };

static uint64_t now_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

struct send_progress send_progress_new(const char *what, bool silent)
{
    return (struct send_progress){
        .what = what, .silent = silent || !isatty(STDERR_FILENO), .began_us = now_us()};
}

/* Over what stands there. */
void send_progress_show(struct send_progress *progress, uint64_t done, uint64_t count)
{
    uint64_t now = progress->silent ? 0 : now_us();
    if (progress->silent || done > count || now < progress->began_us + AFTER_US ||
        now < progress->told_us + EVERY_US)
        return;
    int full = (int)((double)WIDTH * (double)done / (double)count);
    progress->told_us = now;
    fprintf(stderr, "\r%s [%.*s%*s] %" PRIu64 " of %" PRIu64 " ", progress->what, full,
            "##############################", WIDTH - full, "", done, count);
}

void send_progress_end(const struct send_progress *progress)
{
    if (progress->told_us > 0)
        fprintf(stderr, "\r\033[K");
}
