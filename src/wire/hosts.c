/*
 * hosts: enters a user namespace where that is needed, and makes the two network namespaces.
 */
#include "synstep/hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "forbidden.h"
#include "synstep/privilege.h"
#include "veth.h"

struct ss_address ss_hosts_address(int host, uint8_t version)
{
    uint8_t last = host == 0 ? 1 : 2;
    if (version == 6)
        return ss_address_v6((const uint8_t[16]){0xfd, [15] = last});
    return ss_address_v4((const uint8_t[4]){10, 0, 0, last});
}

void ss_hosts_card(int host, uint8_t card[SS_ETHERNET_ADDRESS_BYTES])
{
    static const uint8_t first[] = {0x02, 0, 0, 0, 0, 1}; /* locally administered (IEEE 802) */
    memcpy(card, first, sizeof first);
    card[5] = host == 0 ? 1 : 2;
}

static bool write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    size_t length = strlen(text);
    bool written = write(file, text, length) == (ssize_t)length;
    int error = errno;
    close(file);
    errno = error;
    return written;
}

/* user_namespaces(7): groups must be given up before an ordinary user may map its own. */
static bool map_ids(uid_t user, gid_t group)
{
    char text[32];
    if (!write_file("/proc/self/setgroups", "deny") && errno != ENOENT)
        return false;
    (void)snprintf(text, sizeof text, "0 %u 1", user);
    if (!write_file("/proc/self/uid_map", text))
        return false;
    (void)snprintf(text, sizeof text, "0 %u 1", group);
    return write_file("/proc/self/gid_map", text);
}

/*
 * As root in there, by which synstep-peer gets its capabilities on exec. A program with file
 * capabilities does not own its /proc/self until it is dumpable.
 */
static bool enter_user_namespace(void)
{
    uid_t user = geteuid();
    gid_t group = getegid();
    (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    return unshare(CLONE_NEWUSER) == 0 && map_ids(user, group);
}

static int own_namespace(void)
{
    return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* Root keeps its user namespace: it need not ask whether others are allowed. */
static bool leave_network(void)
{
    ss_privilege_raise();
    if (unshare(CLONE_NEWNET) == 0)
        return true;
    return enter_user_namespace() && unshare(CLONE_NEWNET) == 0;
}

/* The namespaces while they are being made. */
struct making {
    int near_namespace;
    int far_namespace;
    struct ss_veth_host near;
    struct ss_veth_host far;
};

static struct making nothing_made(void)
{
    return (struct making){
        .near_namespace = -1,
        .far_namespace = -1,
        .near = {.control = -1,
                 .name = "near0",
                 .v4 = ss_hosts_address(0, 4),
                 .v6 = ss_hosts_address(0, 6)},
        .far = {.control = -1,
                .name = "far0",
                .v4 = ss_hosts_address(1, 4),
                .v6 = ss_hosts_address(1, 6)},
    };
}

static enum ss_status system_failed(const char *what, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_IO, "private hosts: cannot %s: %s", what, strerror(errno));
}

/*
 * Both are made by this one thread, which goes into the far one and comes back: measured at 0.1 ms
 * less than a child that makes it and hands its descriptor over.
 */
static enum ss_status make(struct making *making, struct ss_problem *problem)
{
    if (!leave_network())
        return ss_forbidden_namespaces(errno, problem);
    making->near_namespace = own_namespace();
    enum ss_status status = ss_veth_host_open(&making->near, problem);
    if (status != SS_OK)
        return status;
    if (unshare(CLONE_NEWNET) != 0)
        return ss_forbidden_namespaces(errno, problem);
    making->far_namespace = own_namespace();
    status = ss_veth_host_open(&making->far, problem);
    if (making->near_namespace < 0 || making->far_namespace < 0)
        return system_failed("open /proc/thread-self/ns/net", problem);
    if (setns(making->near_namespace, CLONE_NEWNET) != 0)
        return system_failed("enter the near host", problem);
    if (status != SS_OK)
        return status;
    return ss_veth_join(&making->near, &making->far, making->far_namespace, problem);
}

static void close_if_open(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

enum ss_status ss_hosts_open(struct ss_hosts *hosts, struct ss_problem *problem)
{
    struct making making = nothing_made();
    ss_hosts_card(0, making.near.card);
    ss_hosts_card(1, making.far.card);
    enum ss_status status = make(&making, problem);
    ss_veth_host_close(&making.near);
    ss_veth_host_close(&making.far);
    close_if_open(making.near_namespace);
    if (status == SS_OK)
        hosts->far_namespace = making.far_namespace;
    else
        close_if_open(making.far_namespace);
    return status;
}

void ss_hosts_close(struct ss_hosts *hosts)
{
    close_if_open(hosts->far_namespace);
    hosts->far_namespace = -1;
}
