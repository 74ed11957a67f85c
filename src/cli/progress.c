/* progress: a line that is written over itself. */
#include "progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

enum { EACH_US = 100000, BAR = 30 };

FILE *progress_terminal(bool wanted)
{
    return wanted && isatty(STDERR_FILENO) ? stderr : NULL;
}

uint64_t progress_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

bool progress_is_due(const struct progress *progress, uint64_t now_us)
{
    return progress->out && now_us >= progress->began_us + progress->after_us &&
           now_us >= progress->told_us + EACH_US;
}

/* One that has grown meanwhile is full, and no more. */
static void print_bar(FILE *out, uint64_t done, uint64_t whole)
{
    int full = done >= whole ? BAR : (int)((double)done * BAR / (double)whole);
    fprintf(out, "[%.*s%*s] ", full, "##############################", BAR - full, "");
}

void progress_show(struct progress *progress, uint64_t now_us, uint64_t done, uint64_t whole,
                   const char *format, ...)
{
    va_list arguments;
    progress->told_us = now_us;
    progress->shown = true;
    putc('\r', progress->out);
    if (whole > 0)
        print_bar(progress->out, done, whole);
    va_start(arguments, format);
    vfprintf(progress->out, format, arguments);
    va_end(arguments);
    fputs(" \033[K", progress->out); /* the rest of a longer one */
    (void)fflush(progress->out);
}

void progress_show_octets(struct progress *progress, uint64_t now_us, uint64_t done, uint64_t whole)
{
    const double mega = 1e6;
    double rate = (double)done / (double)(now_us - progress->began_us + 1); /* MB/s */
    if (whole == 0)
        progress_show(progress, now_us, done, 0, "%.1f MB, %.1f MB/s", (double)done / mega, rate);
    else
        progress_show(progress, now_us, done, whole, "%.0f %%  %.1f of %.1f MB, %.1f MB/s",
                      done < whole ? (double)done * 100 / (double)whole : 100, (double)done / mega,
                      (double)whole / mega, rate);
}

void progress_clear(struct progress *progress)
{
    if (!progress->shown)
        return;
    progress->shown = false;
    fputs("\r\033[K", progress->out);
    (void)fflush(progress->out);
}
