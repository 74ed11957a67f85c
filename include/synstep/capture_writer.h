/*
 * capture_writer: the run as a capture file: pcapng with each segment's verdicts as its packet
 * comment, or classic pcap. Link type raw IP; times in microseconds since 1970.
 */
#ifndef SYNSTEP_CAPTURE_WRITER_H
#define SYNSTEP_CAPTURE_WRITER_H

#include "synstep/packet.h"
#include "synstep/status.h"
#include "synstep/trace.h"

struct ss_capture_writer;

/*
 * Creates (or empties) the file; ".pcapng" at the end of its name makes a pcapng, anything else
 * a classic pcap (libpcap writes it). "-" is standard output, pcapng. The file is complete and
 * readable after every event.
 */
enum ss_status ss_capture_writer_open(const char *path, struct ss_capture_writer **writer,
                                      struct ss_problem *problem);

/* As above, for frames that begin with an Ethernet header, or with IP. */
enum ss_status ss_capture_writer_open_link(const char *path, enum ss_link link,
                                           struct ss_capture_writer **writer,
                                           struct ss_problem *problem);
struct ss_sink ss_capture_writer_sink(struct ss_capture_writer *writer);

/* SS_NO_SPACE or SS_IO when anything could not be written: never a silent short file. Frees it. */
enum ss_status ss_capture_writer_close(struct ss_capture_writer *writer,
                                       struct ss_problem *problem);

#endif
