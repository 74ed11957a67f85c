/*
 * live: a packet socket on an interface, and what is wanted of what it hands over.
 */
#include "synstep/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "await.h"
#include "clock.h"
#include "kernel_filter.h"
#include "live_parts.h"
#include "synstep/words.h"

/* A burst waits here while what came before is judged. net.core.rmem_max is no bound for root. */
enum {
    RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024,
    NAMES_MAX = 256,
    FRAMES_BETWEEN = 64,
    DRAINED_MAX = 1 << 20
};

static const char any[] = "any";

/* --- which interface ----------------------------------------------------------------------------
 */

static enum ss_status unknown(const char *interface, struct ss_problem *problem)
{
    const char *names[NAMES_MAX] = {any};
    size_t count = 1;
    struct if_nameindex *list = if_nameindex();
    for (size_t i = 0; list && list[i].if_index != 0 && count < NAMES_MAX; i++)
        names[count++] = list[i].if_name;
    const char *nearest = ss_words_nearest(interface, names, count);
    enum ss_status status =
        ss_problem_set(problem, SS_USAGE, "there is no interface '%s'%s%s%s", interface,
                       nearest ? "; did you mean " : "; 'ip link' lists them",
                       nearest ? nearest : "", nearest ? "?" : "");
    if_freenameindex(list);
    return status;
}

enum ss_status ss_live_find(const char *interface, struct ss_problem *problem)
{
    if (strcmp(interface, any) == 0 || if_nametoindex(interface) != 0)
        return SS_OK;
    return unknown(interface, problem);
}

/* What a packet socket gives as the frame, by the kind of device. */
static uint32_t linktype_of(unsigned hardware)
{
    switch (hardware) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
        return SS_LINKTYPE_ETHERNET;
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
        return SS_LINKTYPE_RAW;
    default: /* the header is another on each: the kernel takes it off */
        return SS_LINKTYPE_COOKED_2;
    }
}

static enum ss_status look_up(struct ss_live *live, int socket, struct ss_problem *problem)
{
    const char *interface = live->options.interface;
    struct ifreq request = {0};
    live->linktype = SS_LINKTYPE_COOKED_2;
    if (strcmp(interface, any) == 0)
        return SS_OK;
    strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
    if (strlen(interface) >= sizeof request.ifr_name || ioctl(socket, SIOCGIFINDEX, &request) != 0)
        return unknown(interface, problem);
    live->index = request.ifr_ifindex;
    if (ioctl(socket, SIOCGIFHWADDR, &request) != 0)
        return unknown(interface, problem);
    live->linktype = linktype_of(request.ifr_hwaddr.sa_family);
    if (ioctl(socket, SIOCGIFMTU, &request) == 0)
        live->mtu = (size_t)request.ifr_mtu;
    return SS_OK;
}

/* --- opening ------------------------------------------------------------------------------------
 */

static enum ss_status failed(const struct ss_live *live, struct ss_problem *problem)
{
    const char *interface = live->options.interface;
    if (errno == EPERM || errno == EACCES)
        return ss_problem_set(problem, SS_FORBIDDEN,
                              "capturing on %s is not permitted (no CAP_NET_RAW): run it with "
                              "sudo; or 'sudo setcap cap_net_raw+ep' on synstep; or 'sudo tcpdump "
                              "-i %s -U -w - | synstep verify -'",
                              interface, interface);
    if (errno == ENETDOWN)
        return ss_problem_set(problem, SS_USAGE, "%s is down (ip link set %s up)", interface,
                              interface);
    return ss_problem_set(problem, SS_IO, "cannot capture on %s: %s", interface, strerror(errno));
}

/* All of them are told with each frame; a kernel that lacks one tells less. */
static void ask_to_be_told(int socket)
{
    int on = 1, bytes = RECEIVE_BUFFER_BYTES;
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        (void)setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    (void)setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    (void)setsockopt(socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    (void)setsockopt(socket, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
}

/* Given back by the kernel when the socket goes. */
static bool hear_others(const struct ss_live *live)
{
    const struct packet_mreq request = {.mr_ifindex = live->index, .mr_type = PACKET_MR_PROMISC};
    if (!live->options.promiscuous || live->index == 0)
        return true;
    return setsockopt(live->socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request) ==
           0;
}

/* Born with protocol 0, which matches nothing: no frame comes before the filter is there. */
static bool arm(const struct ss_live *live)
{
    const struct sockaddr_ll where = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = live->index};
    int error = 0;
    socklen_t length = sizeof error;
    if (bind(live->socket, (const struct sockaddr *)&where, sizeof where) != 0)
        return false;
    if (getsockopt(live->socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0)
        errno = error;
    return error == 0;
}

static enum ss_status open_socket(struct ss_live *live, struct ss_problem *problem)
{
    int looking = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    enum ss_status status = look_up(live, looking, problem);
    if (looking >= 0)
        close(looking);
    if (status != SS_OK)
        return status;
    int type = live->linktype == SS_LINKTYPE_COOKED_2 ? SOCK_DGRAM : SOCK_RAW;
    live->socket = socket(AF_PACKET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (live->socket < 0)
        return failed(live, problem);
    ask_to_be_told(live->socket);
    return SS_OK;
}

/* The kernel sees no header where it has taken one off: there all is judged here. */
static enum ss_status attach(const struct ss_live *live, struct ss_problem *problem)
{
    if (live->options.filter && live->linktype != SS_LINKTYPE_COOKED_2)
        return ss_frame_filter_attach(live->options.filter, live->linktype, live->socket, problem);
    return ss_kernel_filter_attach_live(live->socket, NULL) == 0 ? SS_OK : failed(live, problem);
}

enum ss_status ss_live_open(const struct ss_live_options *options, struct ss_live **live,
                            struct ss_problem *problem)
{
    struct ss_live *made = calloc(1, sizeof *made);
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory for the capture");
    made->options = *options;
    made->socket = -1;
    made->until_us = options->lasts_us ? ss_clock_monotonic_us() + options->lasts_us : UINT64_MAX;
    enum ss_status status = open_socket(made, problem);
    if (status == SS_OK)
        status = attach(made, problem);
    if (status == SS_OK && (!hear_others(made) || !arm(made)))
        status = failed(made, problem);
    if (status == SS_OK)
        *live = made;
    else
        ss_live_close(made);
    return status;
}

void ss_live_close(struct ss_live *live)
{
    if (live && live->socket >= 0)
        close(live->socket);
    free(live);
}

/* --- taking -------------------------------------------------------------------------------------
 */

static enum ss_status gone(const struct ss_live *live, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_UNREADABLE, "the interface %s is gone",
                          live->options.interface);
}

/* An interface that is only down may come up again. */
static enum ss_status judge_error(const struct ss_live *live, struct ss_problem *problem)
{
    if (errno == EAGAIN || errno == EINTR || errno == ENETDOWN)
        return SS_OK;
    if (errno == ENXIO || errno == ENODEV)
        return gone(live, problem);
    return ss_problem_set(problem, SS_IO, "the capture on %s broke off: %s",
                          live->options.interface, strerror(errno));
}

/* One that is wanted has its number. */
static enum ss_status take(struct ss_live *live, struct ss_capture_frame *frame, bool *wanted,
                           struct ss_problem *problem)
{
    enum ss_status status = SS_OK;
    *wanted = true;
    if (live->options.filter)
        status = ss_frame_filter_judge(live->options.filter, frame, wanted, problem);
    if (status == SS_OK && *wanted)
        frame->number = ++live->frames;
    return status;
}

/* From then on only what had come before is taken. */
static void notice_end(struct ss_live *live)
{
    if (live->ends_us == 0 &&
        (ss_await_must_stop(live->options.stop) || ss_clock_monotonic_us() >= live->until_us))
        live->ends_us = ss_clock_realtime_us();
}

/* Bounded, whatever the clock says. */
static bool is_over(struct ss_live *live, int received, const struct ss_capture_frame *frame)
{
    if (live->ends_us == 0)
        return false;
    return received < 0 || frame->time_us > live->ends_us || live->drained++ == DRAINED_MAX;
}

/* Of one that was taken away while it was down nothing more is heard. */
static bool is_gone(const struct ss_live *live)
{
    char name[IF_NAMESIZE];
    return live->index != 0 && !if_indextoname((unsigned)live->index, name);
}

/* Nothing is there: sleeps, unless that is over. */
static enum ss_status await(struct ss_live *live, uint64_t deadline_us, struct ss_problem *problem)
{
    uint64_t now_us = ss_clock_monotonic_us();
    uint64_t until_us = deadline_us < live->until_us ? deadline_us : live->until_us;
    if (now_us >= deadline_us && is_gone(live))
        return gone(live, problem);
    if (now_us >= deadline_us)
        return SS_TIMED_OUT;
    if (now_us < until_us)
        ss_await_frame(live->socket, live->options.stop, until_us - now_us);
    return SS_OK;
}

/* Asked before a frame now and then, so that it ends under a load that leaves no time to wait. */
enum ss_status ss_live_next(struct ss_live *live, uint64_t wait_us, struct ss_capture_frame *frame,
                            struct ss_problem *problem)
{
    uint64_t deadline_us = ss_clock_monotonic_us() + wait_us;
    bool wanted = false, ask = live->frames % FRAMES_BETWEEN == 0;
    for (;; ask = true) {
        if (ask)
            notice_end(live);
        int received = live_receive(live, frame);
        if (is_over(live, received, frame))
            return ss_problem_set(problem, SS_INTERRUPTED, "the capture is over");
        enum ss_status status = received < 0 ? judge_error(live, problem) : SS_OK;
        if (status == SS_OK && received < 0)
            status = await(live, deadline_us, problem);
        if (status == SS_OK && received == 0)
            status = take(live, frame, &wanted, problem);
        if (status != SS_OK || wanted)
            return status;
    }
}

uint32_t ss_live_linktype(const struct ss_live *live)
{
    return live->linktype;
}

uint64_t ss_live_lost(struct ss_live *live)
{
    struct tpacket_stats counted = {0}; /* since it was asked before */
    socklen_t length = sizeof counted;
    if (getsockopt(live->socket, SOL_PACKET, PACKET_STATISTICS, &counted, &length) == 0)
        live->lost += counted.tp_drops;
    return live->lost;
}

bool ss_live_is_lossy(const struct ss_live *live)
{
    return live->dropped != 0;
}

uint64_t ss_live_now_us(void)
{
    return ss_clock_realtime_us();
}
