/*
 * kernel_filter: filters that libpcap compiled, given to the kernel for a packet socket.
 */
#ifndef SS_WIRE_KERNEL_FILTER_H
#define SS_WIRE_KERNEL_FILTER_H

struct bpf_program;

/* 0, or -1 with errno; E2BIG: longer than the kernel takes. */
int ss_kernel_filter_attach(int socket, const struct bpf_program *compiled);

/*
 * The same for a socket that hears all of an interface, NULL letting all frames through. What a
 * loopback sends is kept back, for it is heard again as it arrives; and frames that came with a
 * VLAN tag are let through, since the kernel has taken that out: the filter would not see it.
 */
int ss_kernel_filter_attach_live(int socket, const struct bpf_program *compiled);

#endif
