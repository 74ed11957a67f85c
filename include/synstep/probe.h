/*
 * probe: the words of `synstep send` -> the frames of a series.
 *
 * Words add layers, fields and harm in the order in which they come; finish completes what is
 * missing and finds all that is wrong; then the n-th frame is the same whenever it is asked for.
 */
#ifndef SYNSTEP_PROBE_H
#define SYNSTEP_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/ethernet.h"
#include "synstep/stack.h"
#include "synstep/status.h"

struct ss_probe;

/* Who gives the octets of @FILE: `*octets` is malloc'ed, the probe's. */
struct ss_probe_reader {
    void *context;
    enum ss_status (*read)(void *context, const char *path, uint8_t **octets, size_t *length,
                           struct ss_problem *problem);
};

/* Same seed, same frames. NULL when out of memory. */
struct ss_probe *ss_probe_new(uint64_t seed, const struct ss_probe_reader *reader);
void ss_probe_free(struct ss_probe *probe);

/* "J=5": what a name stands for in the words that follow. */
enum ss_status ss_probe_let(struct ss_probe *probe, const char *text, struct ss_problem *problem);

/*
 * One word: the name of a layer; FIELD=VALUE or a TCP option of the layer before it;
 * corrupt=LAYER.FIELD[=N|+N|-N], truncate=OCTETS, flip=bit:N. SS_USAGE with the nearest right one.
 */
enum ss_status ss_probe_word(struct ss_probe *probe, const char *word, struct ss_problem *problem);

/* Whether a word can be one of ss_probe_word's: a layer's name, an option, or anything with a =. */
bool ss_probe_is_word(const char *word);

/* Whether there is such a layer, or any. */
bool ss_probe_has(const struct ss_probe *probe, enum ss_layer_kind kind);
bool ss_probe_is_empty(const struct ss_probe *probe);

/*
 * Gives FIELD=VALUE to the first layer of that kind, which is made behind all other headers when
 * there is none, unless the words gave it themselves.
 */
enum ss_status ss_probe_usual(struct ss_probe *probe, enum ss_layer_kind kind, const char *field,
                              const char *value, struct ss_problem *problem);

/* A layer before all others, behind those of the link. */
enum ss_status ss_probe_prepend(struct ss_probe *probe, enum ss_layer_kind kind,
                                struct ss_problem *problem);

/* What is not set by the words. */
struct ss_probe_ends {
    struct ss_address source; /* version 0: must be set by the words */
    struct ss_address target; /* decides whether IP is version 4 or 6 */
    uint16_t source_port;
    uint16_t target_port; /* 0: must be set by the words, where a layer has one */
    bool groups;          /* messages about groups and neighbours go to these, not to the target */
    struct ss_address
        link_source; /* fe80::, from which MLD is sent then; version 0: from `source` */
};

/*
 * Adds the layers and values that are missing and checks everything: the order of the layers, that
 * all lengths and fragments stay within 65,535 octets, that there is what is to be corrupted.
 */
enum ss_status ss_probe_finish(struct ss_probe *probe, const struct ss_probe_ends *ends,
                               struct ss_problem *problem);

/* The rest is for a finished one. */

/* How many frames all combinations of the lists make: at least 1. */
uint64_t ss_probe_count(const struct ss_probe *probe);

/* Where its frames begin: with Ethernet, or with IP. */
enum ss_link ss_probe_link(const struct ss_probe *probe);

/* The source port when all frames of a TCP or UDP series have the same; 0 otherwise. */
uint16_t ss_probe_source_port(const struct ss_probe *probe);

/*
 * For who checks where all frames go, and whether they can, without looking at each: begins with
 * frame 0; behind frame `n` comes the next that may differ in what decides this: its length, its
 * headers up to the end of IP's, and the port that UDP is for. What is between has the same as `n`.
 * UINT64_MAX: all others have what was there before. An id that is counted, never 0, and IPv4's
 * checksum over it count for nothing.
 */
uint64_t ss_probe_next_head(const struct ss_probe *probe, uint64_t n);

/*
 * Puts an Ethernet header before all others, unless there is one, for a wire that wants it. To the
 * words it is not there: truncate and flip count from where they did before.
 */
enum ss_status ss_probe_frame(struct ss_probe *probe, struct ss_problem *problem);

/* Whether the words gave that field of the first layer of that kind. */
bool ss_probe_is_given(const struct ss_probe *probe, enum ss_layer_kind kind, const char *field);

/*
 * Whether its frames, which begin with Ethernet, are for the next hop's card: not those whose
 * ether.dst the words give, and not ARP requests, which are for everybody.
 */
bool ss_probe_needs_next_hop(const struct ss_probe *probe);

/* The cards that its frames go between, where the words do not say: zeros until then. */
void ss_probe_put_ends(struct ss_probe *probe, const struct ss_ethernet_ends *ends);

/* Whether something was corrupted on purpose. */
bool ss_probe_is_corrupted(const struct ss_probe *probe);

/*
 * The frame of packet `n`, counted from 0; beyond the last combination they begin again. SS_USAGE
 * when a length or a value of this one cannot be. `size` of SS_FRAME_BYTES_MAX is always enough.
 */
enum ss_status ss_probe_build(const struct ss_probe *probe, uint64_t n, uint8_t *octets,
                              size_t size, size_t *length, struct ss_problem *problem);

#endif
