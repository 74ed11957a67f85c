/*
 * target: the text of a target or a source -> addresses. Resolves names; asks for no route.
 */
#ifndef SS_WIRE_TARGET_H
#define SS_WIRE_TARGET_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#include "synstep/address.h"
#include "synstep/status.h"

enum { SS_TARGET_ADDRESSES_MAX = 16 };

struct ss_target {
    size_t count; /* 1 or more */
    struct ss_address addresses[SS_TARGET_ADDRESSES_MAX];
    uint16_t port;
    char scope[IF_NAMESIZE]; /* the interface after "%"; "" for none */
};

/*
 * Reads "HOST:PORT", "[ADDRESS]:PORT", "[ADDRESS%INTERFACE]:PORT"; `version` 4, 6 or 0 for either.
 * SS_USAGE, with what was typed and what is wrong with it, when it cannot be or does not resolve.
 */
enum ss_status ss_target_resolve(const char *text, uint8_t version, struct ss_target *target,
                                 struct ss_problem *problem);

/* Reads the text of one numeric address; SS_USAGE when it is none. */
enum ss_status ss_target_source(const char *text, struct ss_address *source,
                                struct ss_problem *problem);

#endif
