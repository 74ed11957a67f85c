/*
 * bench_send: 40-byte SYNs, each with a new port and sequence number, from one private host to
 * another that drops them at its ingress: our wires, bare loops and other tools, in turns within
 * one run. Counted is what left by the interface's own counter. Prints figures; asserts nothing.
 *
 *     bench_send [PACKETS]
 *
 * Each way has a process of its own, all on one processor. Two rates are told: by the clock, which
 * whoever else uses this machine slows down, and by the processor time that the packets took.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench_ways.h"
#include "synstep/checksum.h"
#include "synstep/craft.h"
#include "synstep/hosts.h"
#include "synstep/random.h"

enum {
    ROUNDS = 5,
    WAYS_MAX = 16,
    LIMIT_US = 5000000,
    WATCH_US = 1000,
    NOISE = 32, /* more packets than a host that was just made sends of its own accord */
};

struct figure {
    double by_clock; /* thousands a second */
    double by_processor;
    double whole_us; /* from its start to its end */
};

static void insist_on(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "bench_send: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void insist(enum ss_status status, const struct ss_problem *problem)
{
    if (status == SS_OK)
        return;
    fprintf(stderr, "bench_send: %s\n", problem->text);
    exit(ss_status_exit(status));
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

/* --- the two hosts -----------------------------------------------------------------------------
 */

static void hardware_address(const char *interface, uint8_t octets[6])
{
    struct ifreq request = {0};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    insist_on(ioctl(any, SIOCGIFHWADDR, &request) == 0, interface);
    memcpy(octets, request.ifr_hwaddr.sa_data, 6);
    close(any);
}

/* Within the far host: drops all that comes, ARP too, and tells its hardware address. */
static void drop_at_ingress(const struct ss_hosts *hosts, uint8_t octets[6])
{
    int how = -1, near = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    insist_on(near >= 0 && setns(hosts->far_namespace, CLONE_NEWNET) == 0, "enter the far host");
    hardware_address("far0", octets);
    pid_t child = fork();
    if (child == 0) {
        execlp("nft", "nft",
               "add table netdev bench; add chain netdev bench every "
               "{ type filter hook ingress device far0 priority 0; policy drop; }",
               (char *)NULL);
        _exit(127);
    }
    insist_on(waitpid(child, &how, 0) == child && how == 0, "nft");
    insist_on(setns(near, CLONE_NEWNET) == 0, "return to the near host");
    close(near);
}

/* Nobody answers ARP there: the neighbour is entered by hand. */
static void enter_neighbour(const struct ss_address *address, const uint8_t octets[6])
{
    struct arpreq request = {.arp_flags = ATF_COM | ATF_PERM, .arp_dev = "near0"};
    struct sockaddr_in where = {.sin_family = AF_INET};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(&where.sin_addr, address->octets, 4);
    memcpy(&request.arp_pa, &where, sizeof where);
    memcpy(request.arp_ha.sa_data, octets, 6);
    request.arp_ha.sa_family = ARPHRD_ETHER;
    insist_on(ioctl(any, SIOCSARP, &request) == 0, "SIOCSARP");
    close(any);
}

static void craft_first(struct ways_between *between)
{
    size_t length;
    struct ss_socket_address local = {between->route.local, 1024};
    struct ss_socket_address peer = {between->route.peer, WAYS_PORT};
    struct ss_craft craft = ss_craft_between(&local, &peer);
    craft.ipv4.id = 1;
    craft.tcp.flags = SS_TCP_SYN;
    craft.tcp.window = 64240;
    ss_bytes_put16(between->frame + 12, 0x0800);
    insist_on(ss_craft_build(&craft, between->frame + WAYS_ETHERNET, WAYS_SYN, &length) == SS_OK,
              "the first SYN");
}

static void describe(struct ways_between *between)
{
    const uint8_t *to = between->frame, *from = between->frame + 6;
    snprintf(between->trafgen, sizeof between->trafgen,
             "{ eth(da=%02x:%02x:%02x:%02x:%02x:%02x, sa=%02x:%02x:%02x:%02x:%02x:%02x), "
             "ipv4(saddr=10.0.0.1, daddr=10.0.0.2, ttl=64, df), tcp(sport=dinc(1024, 61023), "
             "dport=%d, seq=drnd(), window=64240, syn) }",
             to[0], to[1], to[2], to[3], to[4], to[5], from[0], from[1], from[2], from[3], from[4],
             from[5], WAYS_PORT);
}

static void open_all(struct ss_hosts *hosts, struct ways_between *between)
{
    struct ss_problem problem;
    struct ss_address peer = ss_hosts_address(1, 4);
    insist(ss_hosts_open(hosts, &problem), &problem);
    insist(ss_route_to(&peer, NULL, NULL, &between->route, &problem), &problem);
    drop_at_ingress(hosts, between->frame);
    hardware_address("near0", between->frame + 6);
    enter_neighbour(&peer, between->frame);
    craft_first(between);
    describe(between);
}

/* --- one way, once -----------------------------------------------------------------------------
 */

struct counters {
    unsigned long long received;
    unsigned long long sent;
};

/* Packets that near0 has received and sent where `pid` is (proc(5)); none when that has ended. */
static struct counters counters(pid_t pid)
{
    char line[512];
    struct counters found = {0};
    snprintf(line, sizeof line, "/proc/%d/net/dev", (int)pid);
    FILE *file = fopen(line, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, " near0: %*u %llu %*u %*u %*u %*u %*u %*u %*u %llu", &found.received,
                   &found.sent) == 2)
            break;
    if (file)
        fclose(file);
    return found;
}

/* Whether it still shares the network namespace of this process, or has none any more. */
static bool is_here(pid_t pid)
{
    char path[64], here[64] = "", there[64] = "";
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    bool known = readlink("/proc/self/ns/net", here, sizeof here - 1) > 0 &&
                 readlink(path, there, sizeof there - 1) > 0;
    return !known || strcmp(here, there) == 0;
}

/* On the first processor that is ours; who watches has the others. */
static void choose_processor(bool watcher)
{
    cpu_set_t ours, one;
    size_t first = 0;
    if (sched_getaffinity(0, sizeof ours, &ours) != 0 || CPU_COUNT(&ours) < 2)
        return;
    while (!CPU_ISSET(first, &ours))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    if (watcher)
        CPU_CLR(first, &ours);
    (void)sched_setaffinity(0, sizeof ours, watcher ? &ours : &one);
}

static _Noreturn void become(const struct ways_way *way, const struct ways_between *between,
                             const char *count)
{
    enum { WORDS = sizeof way->program / sizeof *way->program };
    const char *words[WORDS + 1] = {NULL};
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (size_t i = 0; i < WORDS && way->program[i]; i++) {
        words[i] = way->program[i];
        if (strcmp(words[i], "%c") == 0)
            words[i] = count;
        else if (strcmp(words[i], "%p") == 0)
            words[i] = between->trafgen;
    }
    for (int stream = 0; stream < 3; stream++)
        (void)dup2(nowhere, stream);
    execvp(words[0], (char *const *)(uintptr_t)words);
    _exit(127);
}

static pid_t start(const struct ways_way *way, const struct ways_between *between, uint32_t count)
{
    char text[16];
    cpu_set_t all;
    snprintf(text, sizeof text, "%u", count);
    pid_t child = fork();
    if (child != 0)
        return child;
    (void)setpgid(0, 0); /* some have children of their own */
    memset(&all, 0xff, sizeof all);
    (void)sched_setaffinity(0, sizeof all, &all);
    choose_processor(false);
    if (!way->send)
        become(way, between, text);
    way->send(between, count);
    _exit(0);
}

/* What was seen of the counter, from its first movement to its last. */
struct watch {
    pid_t where;
    double first_us, last_us;
    unsigned long long before, first, last;
};

static void look(struct watch *watch)
{
    if (watch->where != getpid() && is_here(watch->where))
        return;
    unsigned long long sent = counters(watch->where).sent;
    if (sent < watch->before + NOISE || sent == watch->last)
        return;
    watch->last_us = now_us();
    watch->last = sent;
    if (watch->first == watch->before) {
        watch->first = sent;
        watch->first_us = watch->last_us;
    }
}

/* Until it ends, or has sent `enough`, or took too long: then it is ended. False: it failed. */
static bool watch_child(pid_t child, struct watch *watch, unsigned long long enough,
                        struct rusage *used)
{
    int how = 0;
    double give_up_us = now_us() + LIMIT_US;
    for (;;) {
        pid_t ended = wait4(child, &how, WNOHANG, used);
        if (ended == child && watch->where == child)
            return WIFEXITED(how) && WEXITSTATUS(how) == 0;
        look(watch);
        if (ended == child)
            return WIFEXITED(how) && WEXITSTATUS(how) == 0;
        if (now_us() > give_up_us || watch->last - watch->before >= enough)
            break;
        usleep(WATCH_US);
    }
    (void)kill(-child, SIGINT);
    usleep(100 * WATCH_US);
    (void)kill(-child, SIGKILL);
    (void)wait4(child, &how, 0, used);
    look(watch);
    return true;
}

static double microseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

/* False when the way cannot be gone here: its program is not installed. */
static bool measure(const struct ways_way *way, const struct ways_between *between, uint32_t count,
                    struct figure *figure)
{
    struct rusage used = {0};
    struct counters before = counters(getpid());
    struct watch watch = {.where = getpid(), .before = before.sent};
    unsigned long long enough = way->endless ? count : ULLONG_MAX;
    double began_us = now_us();
    pid_t child = start(way, between, count);
    if (way->own_hosts)
        watch = (struct watch){.where = child};
    watch.first = watch.last = watch.before;
    bool well = watch_child(child, &watch, enough, &used);
    double took_us = watch.last_us - watch.first_us;
    double processor_us = microseconds(used.ru_utime) + microseconds(used.ru_stime);
    if (!well || watch.last - watch.before < count / 2)
        return false;
    figure->whole_us = now_us() - began_us;
    figure->by_clock = took_us > 0 ? (double)(watch.last - watch.first) / took_us * 1e3 : 0;
    figure->by_processor = (double)(watch.last - watch.before) / processor_us * 1e3;
    if (counters(getpid()).received - before.received > count / 100)
        fprintf(stderr, "bench_send: %s was answered: the far host does not drop\n", way->name);
    return true;
}

/* --- building ----------------------------------------------------------------------------------
 */

static void keep(const void *octets)
{
    __asm__ volatile("" ::"r"(octets) : "memory");
}

enum { REPEATS = 20000, SAMPLES = 31, SEGMENT = 1460 };

static double checksum_ns(void)
{
    static uint8_t octets[SEGMENT];
    struct ss_random random = ss_random_seeded(1);
    for (size_t i = 0; i < SEGMENT; i++)
        octets[i] = (uint8_t)ss_random_next32(&random);
    double began = now_us();
    for (size_t i = 0; i < REPEATS; i++) {
        uint16_t sum = ss_checksum_finish(ss_checksum_add(0, octets, SEGMENT));
        keep(&sum);
    }
    return (now_us() - began) * 1e3 / REPEATS;
}

static double template_ns(const struct ways_between *between)
{
    uint8_t octets[WAYS_SYN];
    struct ss_template syn;
    memcpy(octets, between->frame + WAYS_ETHERNET, sizeof octets);
    insist_on(ss_template_of(octets, sizeof octets, 0, &syn) == SS_OK, "template");
    double began = now_us();
    for (uint32_t i = 0; i < REPEATS; i++) {
        ss_template_put_source_port(&syn, (uint16_t)i);
        ss_template_put_seq(&syn, ss_seq_from(i * 2654435761U));
        ss_template_finish(&syn);
        keep(octets);
    }
    return (now_us() - began) * 1e3 / REPEATS;
}

static double craft_ns(const struct ways_between *between)
{
    uint8_t octets[WAYS_SYN];
    size_t length;
    struct ss_socket_address local = {between->route.local, 1024};
    struct ss_socket_address peer = {between->route.peer, WAYS_PORT};
    struct ss_craft craft = ss_craft_between(&local, &peer);
    double began = now_us();
    for (uint32_t i = 0; i < REPEATS; i++) {
        craft.tcp.source_port = (uint16_t)i;
        craft.tcp.seq = ss_seq_from(i * 2654435761U);
        (void)ss_craft_build(&craft, octets, sizeof octets, &length);
        keep(octets);
    }
    return (now_us() - began) * 1e3 / REPEATS;
}

static void print_building(const struct ways_between *between)
{
    double checksum[SAMPLES], template[SAMPLES], craft[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++) {
        checksum[i] = checksum_ns();
        template[i] = template_ns(between);
        craft[i] = craft_ns(between);
    }
    printf("building, medians of %d\n", SAMPLES);
    printf("  checksum of %d octets         %8.1f GB/s\n", SEGMENT,
           SEGMENT / median(checksum, SAMPLES));
    printf("  one SYN from a template         %8.1f ns\n", median(template, SAMPLES));
    printf("  one SYN built anew              %8.1f ns\n", median(craft, SAMPLES));
}

/* --- all of them -------------------------------------------------------------------------------
 */

struct results {
    bool gone[WAYS_MAX]; /* this way was gone in every round */
    struct figure figures[WAYS_MAX][ROUNDS];
};

static struct figure median_of(const struct figure figures[ROUNDS])
{
    double by_clock[ROUNDS], by_processor[ROUNDS], whole_us[ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        by_clock[round] = figures[round].by_clock;
        by_processor[round] = figures[round].by_processor;
        whole_us[round] = figures[round].whole_us;
    }
    return (struct figure){median(by_clock, ROUNDS), median(by_processor, ROUNDS),
                           median(whole_us, ROUNDS)};
}

/* Of rates within the same round. */
static void print_ratio(const struct results *results, unsigned of, unsigned to)
{
    struct figure ratios[ROUNDS];
    if (!results->gone[of] || !results->gone[to])
        return;
    for (size_t round = 0; round < ROUNDS; round++) {
        const struct figure *a = &results->figures[of][round], *b = &results->figures[to][round];
        ratios[round] =
            (struct figure){a->by_clock / b->by_clock, a->by_processor / b->by_processor, 0};
    }
    struct figure ratio = median_of(ratios);
    printf("  %-22s to %-27s %8.2f %8.2f\n", ways[of].name, ways[to].name, ratio.by_clock,
           ratio.by_processor);
}

static void print_all(const struct results *results, uint32_t each)
{
    printf("SYNs of %d octets, %u a round, medians of %d rounds; thousands a second, and ms from "
           "start "
           "to exit\n",
           WAYS_SYN, each, ROUNDS);
    printf("  %-53s %8s %8s %8s\n", "", "by clock", "by CPU", "ms");
    for (unsigned way = 0; way < ways_count; way++) {
        struct figure figure = median_of(results->figures[way]);
        if (results->gone[way])
            printf("  %-53s %8.0f %8.0f %8.0f\n", ways[way].name, figure.by_clock,
                   figure.by_processor, figure.whole_us / 1e3);
        else
            printf("  %-53s left out: cannot be run here\n", ways[way].name);
    }
    printf("ratios\n");
    print_ratio(results, WAYS_PROGRAM, WAYS_HPING3);
    print_ratio(results, WAYS_PROGRAM, WAYS_RAW);
    print_ratio(results, WAYS_PROGRAM_PACKET, WAYS_TRAFGEN);
    print_ratio(results, WAYS_PROGRAM_PACKET, WAYS_PACKET);
    print_ratio(results, WAYS_RAW, WAYS_HPING3);
    print_ratio(results, WAYS_RAW, WAYS_NPING);
    print_ratio(results, WAYS_RAW, WAYS_LIBNET);
    print_ratio(results, WAYS_RAW, WAYS_SENDTO);
    print_ratio(results, WAYS_RAW, WAYS_SENDMMSG);
    print_ratio(results, WAYS_PACKET, WAYS_TRAFGEN);
    print_ratio(results, WAYS_PACKET, WAYS_AF_PACKET);
}

int main(int argc, char **argv)
{
    static struct results results;
    static struct ways_between between;
    unsigned long packets = argc > 1 ? strtoul(argv[1], NULL, 10) : 300000;
    uint32_t each = (uint32_t)(packets / ROUNDS);
    struct ss_hosts hosts;
    if (packets < 1000 || packets > 3000000) {
        fprintf(stderr, "bench_send: from 1000 to 3000000 packets\n");
        return 2;
    }
    open_all(&hosts, &between);
    print_building(&between);
    choose_processor(true);
    for (unsigned way = 0; way < ways_count; way++)
        results.gone[way] = true;
    for (size_t round = 0; round < ROUNDS; round++)
        for (unsigned way = 0; way < ways_count; way++)
            results.gone[way] = results.gone[way] &&
                                measure(&ways[way], &between, each, &results.figures[way][round]);
    print_all(&results, each);
    ss_hosts_close(&hosts);
    return 0;
}
