/*
 * kernel_filter: libpcap's instruction and the kernel's are the same four fields under two names.
 */
#include "kernel_filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <pcap/pcap.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { LOAD = BPF_LD | BPF_B | BPF_ABS, IS = BPF_JMP | BPF_JEQ | BPF_K, RETURN = BPF_RET | BPF_K };

/* What is in no frame (linux/filter.h). */
#define AUXILIARY(what) ((uint32_t)(SKF_AD_OFF + SKF_AD_##what))

/* Jumps only count forward from where they stand: what comes before a program changes nothing. */
static const struct sock_filter live_first[] = {
    {LOAD, 0, 0, AUXILIARY(PKTTYPE)},
    {IS, 0, 3, PACKET_OUTGOING},
    {LOAD, 0, 0, AUXILIARY(HATYPE)},
    {IS, 0, 1, ARPHRD_LOOPBACK},
    {RETURN, 0, 0, 0},
    {LOAD, 0, 0, AUXILIARY(VLAN_TAG_PRESENT)},
    {IS, 1, 0, 0},
    {RETURN, 0, 0, UINT32_MAX},
};

static const struct sock_filter all = {RETURN, 0, 0, UINT32_MAX};

enum { FIRST = sizeof live_first / sizeof *live_first };

static int attach(int socket, struct sock_fprog *program, const struct bpf_program *compiled)
{
    if (compiled->bf_len + program->len > BPF_MAXINSNS) {
        errno = E2BIG;
        return -1;
    }
    for (unsigned each = 0; each < compiled->bf_len; each++) {
        const struct bpf_insn *from = &compiled->bf_insns[each];
        program->filter[program->len++] =
            (struct sock_filter){from->code, from->jt, from->jf, from->k};
    }
    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, program, sizeof *program);
}

int ss_kernel_filter_attach(int socket, const struct bpf_program *compiled)
{
    struct sock_filter instructions[BPF_MAXINSNS];
    struct sock_fprog program = {.len = 0, .filter = instructions};
    return attach(socket, &program, compiled);
}

int ss_kernel_filter_attach_live(int socket, const struct bpf_program *compiled)
{
    struct sock_filter instructions[BPF_MAXINSNS];
    struct sock_fprog program = {.len = 0, .filter = instructions};
    for (unsigned each = 0; each < FIRST; each++)
        instructions[program.len++] = live_first[each];
    if (compiled)
        return attach(socket, &program, compiled);
    instructions[program.len++] = all;
    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}
