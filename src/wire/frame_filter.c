/*
 * frame_filter: a program of libpcap's for each link type, made when it is first met.
 */
#include "synstep/frame_filter.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "kernel_filter.h"
#include "synstep/late.h"

enum { KINDS = 4, REASON_SIZE = 160 };

/* What a filter is compiled for. */
static const int kinds[KINDS] = {DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2};

enum kind { ETHERNET, IP_ALONE, COOKED, COOKED_2 };

struct compiled {
    bool there;
    struct bpf_program program;
};

struct ss_frame_filter {
    const char *expression;
    __typeof__(&bpf_filter)
        run; /* libpcap's, asked for once: a frame takes less time than asking */
    struct compiled compiled[KINDS];
};

static enum kind kind_of(uint32_t linktype)
{
    if (linktype == SS_LINKTYPE_ETHERNET)
        return ETHERNET;
    if (linktype == SS_LINKTYPE_COOKED)
        return COOKED;
    return linktype == SS_LINKTYPE_COOKED_2 ? COOKED_2 : IP_ALONE;
}

/*
 * What is in no frame, such as its direction, libpcap has the kernel asked for by offsets below 0
 * (SKF_AD_OFF): for bpf_filter these lie behind every frame's end, and none would match.
 */
static bool asks_kernel(const struct bpf_program *program)
{
    for (u_int i = 0; i < program->bf_len; i++) {
        const struct bpf_insn *each = &program->bf_insns[i];
        if (BPF_CLASS(each->code) == BPF_LD && BPF_MODE(each->code) == BPF_ABS &&
            each->k > INT32_MAX)
            return true;
    }
    return false;
}

static bool compile_with(pcap_t *compiler, const char *expression, struct bpf_program *program,
                         char reason[REASON_SIZE])
{
    if (pcap_compile(compiler, program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        strncpy(reason, pcap_geterr(compiler), REASON_SIZE - 1);
        reason[REASON_SIZE - 1] = '\0';
        return false;
    }
    if (!asks_kernel(program))
        return true;
    strcpy(reason, "direction and interface are not in these frames");
    pcap_freecode(program);
    return false;
}

/* Once for each kind. False with the reason. */
static bool compile(struct ss_frame_filter *filter, enum kind kind, char reason[REASON_SIZE])
{
    struct compiled *compiled = &filter->compiled[kind];
    if (compiled->there)
        return true;
    strcpy(reason, "out of memory");
    pcap_t *compiler = pcap_open_dead(kinds[kind], SS_CAPTURE_FRAME_BYTES_MAX);
    if (!compiler)
        return false;
    compiled->there = compile_with(compiler, filter->expression, &compiled->program, reason);
    pcap_close(compiler);
    return compiled->there;
}

/* Ethernet's reason is told: most of what is captured is that. */
static enum ss_status check(struct ss_frame_filter *filter, struct ss_problem *problem)
{
    char first[REASON_SIZE], reason[REASON_SIZE];
    if (compile(filter, ETHERNET, first))
        return SS_OK;
    for (int kind = IP_ALONE; kind < KINDS; kind++)
        if (compile(filter, (enum kind)kind, reason))
            return SS_OK;
    return ss_problem_set(problem, SS_USAGE,
                          "the filter '%.100s' cannot be read: %s; see pcap-filter(7)",
                          filter->expression, first);
}

enum ss_status ss_frame_filter_open(const char *expression, struct ss_frame_filter **filter,
                                    struct ss_problem *problem)
{
    struct ss_frame_filter *made = calloc(1, sizeof *made);
    if (!made)
        return ss_problem_set(problem, SS_IO, "out of memory for the filter");
    made->expression = expression;
    made->run = (__typeof__(made->run))ss_late_find(SS_PCAP_LIBRARY, "bpf_filter");
    enum ss_status status = SS_OK;
    if (!made->run)
        status = ss_problem_set(
            problem, SS_IO, "libpcap cannot be loaded, and a filter needs it: is it installed?");
    if (status == SS_OK)
        status = check(made, problem);
    if (status == SS_OK)
        *filter = made;
    else
        ss_frame_filter_close(made);
    return status;
}

void ss_frame_filter_close(struct ss_frame_filter *filter)
{
    if (!filter)
        return;
    for (int kind = 0; kind < KINDS; kind++)
        if (filter->compiled[kind].there)
            pcap_freecode(&filter->compiled[kind].program);
    free(filter);
}

static enum ss_status not_for(const struct ss_frame_filter *filter, uint32_t linktype,
                              const char *reason, struct ss_problem *problem)
{
    return ss_problem_set(problem, SS_UNREADABLE,
                          "the filter '%.60s' cannot be asked of frames of link type %s (%" PRIu32
                          "): %s",
                          filter->expression, ss_linktype_name(linktype), linktype, reason);
}

enum ss_status ss_frame_filter_judge(struct ss_frame_filter *filter,
                                     const struct ss_capture_frame *frame, bool *wanted,
                                     struct ss_problem *problem)
{
    enum kind kind = kind_of(frame->linktype);
    char reason[REASON_SIZE];
    if (!ss_linktype_is_known(frame->linktype)) {
        *wanted = false;
        return SS_OK;
    }
    if (!compile(filter, kind, reason))
        return not_for(filter, frame->linktype, reason, problem);
    const uint8_t *octets = kind == IP_ALONE ? frame->octets : frame->whole;
    size_t length = kind == IP_ALONE ? frame->length : frame->whole_length;
    *wanted = filter->run(filter->compiled[kind].program.bf_insns, octets,
                          (u_int)(frame->whole_length + frame->missing_bytes), (u_int)length) != 0;
    return SS_OK;
}

enum ss_status ss_frame_filter_attach(struct ss_frame_filter *filter, uint32_t linktype, int socket,
                                      struct ss_problem *problem)
{
    enum kind kind = kind_of(linktype);
    char reason[REASON_SIZE];
    if (!compile(filter, kind, reason))
        return not_for(filter, linktype, reason, problem);
    int attached = ss_kernel_filter_attach_live(socket, &filter->compiled[kind].program);
    if (attached != 0 && errno == E2BIG)
        attached = ss_kernel_filter_attach_live(socket, NULL);
    if (attached == 0)
        return SS_OK;
    return ss_problem_set(problem, SS_IO, "the kernel refuses the filter: %s", strerror(errno));
}
