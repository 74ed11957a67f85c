/*
 * bench_read: a capture file read in several ways, in turns within one run, each in a process of
 * its own: bare libpcap loops, `cat`, our reader alone, and with its packets decoded. Prints the
 * medians, their ratio to the bare loop, and the memory; asserts nothing.
 *
 *     bench_read FILE [ROUNDS]
 *
 * 0 rounds: libpcap's bare loop alone, once, in this process: for others to be held against.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "synstep/capture_file.h"
#include "synstep/packet.h"
#include "synstep/unwrap.h"

enum { ROUNDS_MAX = 100, BUFFER_BYTES = 4 * 1024 * 1024 };

static uint64_t loop_pcap(const char *path, size_t buffer_bytes)
{
    char trouble[PCAP_ERRBUF_SIZE];
    FILE *stream = fopen(path, "rbe");
    if (stream && buffer_bytes)
        setvbuf(stream, NULL, _IOFBF, buffer_bytes);
    pcap_t *pcap = stream ? pcap_fopen_offline(stream, trouble) : NULL;
    struct pcap_pkthdr *header;
    const u_char *octets;
    uint64_t sum = 0;
    if (!pcap)
        exit(1);
    while (pcap_next_ex(pcap, &header, &octets) == 1)
        sum += octets[0] + header->caplen;
    pcap_close(pcap);
    return sum;
}

static uint64_t bare_pcap(const char *path)
{
    return loop_pcap(path, 0);
}

static uint64_t buffered_pcap(const char *path)
{
    return loop_pcap(path, BUFFER_BYTES);
}

static uint64_t cat(const char *path)
{
    if (freopen("/dev/null", "w", stdout))
        execlp("cat", "cat", path, (char *)NULL);
    exit(1);
}

static struct ss_capture_file *opened(const char *path)
{
    struct ss_problem problem;
    struct ss_capture_file *file;
    if (ss_capture_file_open(path, &file, &problem) == SS_OK)
        return file;
    fprintf(stderr, "bench_read: %s\n", problem.text);
    exit(2);
}

static uint64_t read_only(const char *path)
{
    struct ss_capture_file *file = opened(path);
    struct ss_capture_frame frame;
    uint64_t sum = 0;
    while (ss_capture_file_next(file, &frame))
        sum += frame.octets[0] + frame.length;
    ss_capture_file_close(file);
    return sum;
}

static uint64_t read_and_decode(const char *path)
{
    struct ss_capture_file *file = opened(path);
    struct ss_capture_frame frame;
    struct ss_packet packet;
    uint64_t sum = 0;
    while (ss_capture_file_next(file, &frame)) {
        ss_packet_decode(frame.link, frame.octets, frame.length, &packet);
        sum += packet.transport_checksum == SS_CHECKSUM_GOOD;
    }
    ss_capture_file_close(file);
    return sum;
}

static uint64_t read_and_unwrap(const char *path)
{
    struct ss_capture_file *file = opened(path);
    struct ss_capture_frame frame;
    struct ss_unwrapped unwrapped;
    struct ss_fragments *fragments = ss_fragments_new();
    uint64_t sum = 0;
    while (fragments && ss_capture_file_next(file, &frame)) {
        ss_unwrap(fragments, &frame, &unwrapped);
        sum += unwrapped.packet.transport_checksum == SS_CHECKSUM_GOOD;
    }
    ss_fragments_free(fragments);
    ss_capture_file_close(file);
    return sum;
}

static const struct way {
    const char *name;
    uint64_t (*run)(const char *path);
} ways[] = {
    {"libpcap, a bare loop", bare_pcap},
    {"libpcap, 4 MB buffer", buffered_pcap},
    {"cat >/dev/null", cat},
    {"ours, read", read_only},
    {"ours, read and decoded", read_and_decode},
    {"ours, tunnels and fragments", read_and_unwrap},
};

enum { WAYS = sizeof ways / sizeof ways[0] };

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct figures {
    double seconds[ROUNDS_MAX];
    double processor[ROUNDS_MAX]; /* seconds too: what a busy machine spoils less */
    long memory_kb;
};

static double seconds_of(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* In a process of its own, whose processor time and memory are its own too. */
static void measure(const struct way *way, const char *path, struct figures *figures, int round)
{
    int status;
    struct rusage usage;
    double began = now_s();
    pid_t child = fork();
    if (child == 0)
        _exit(way->run(path) == 0);
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0) {
        fprintf(stderr, "bench_read: %s failed\n", way->name);
        exit(1);
    }
    figures->seconds[round] = now_s() - began;
    figures->processor[round] = seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime);
    if (usage.ru_maxrss > figures->memory_kb)
        figures->memory_kb = usage.ru_maxrss;
}

static int compare(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(double), compare);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    static struct figures figures[WAYS];
    int rounds = argc > 2 ? atoi(argv[2]) : 7;
    if (argc < 2 || argc > 3 || rounds < 0 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_read FILE [ROUNDS, at most %d]\n", ROUNDS_MAX);
        return 2;
    }
    if (rounds == 0)
        return bare_pcap(argv[1]) == 0;
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < WAYS; i++)
            measure(&ways[i], argv[1], &figures[i], round);
    double bare = median(figures[0].seconds, rounds),
           bare_processor = median(figures[0].processor, rounds);
    printf("medians of %d rounds; in brackets: times the bare loop\n", rounds);
    for (size_t i = 0; i < WAYS; i++) {
        double seconds = median(figures[i].seconds, rounds);
        double processor = median(figures[i].processor, rounds);
        printf("  %-28s %6.3f s (%4.2f)  processor %6.3f s (%4.2f)  memory %6ld KB\n", ways[i].name,
               seconds, seconds / bare, processor, processor / bare_processor,
               figures[i].memory_kb);
    }
    return 0;
}
