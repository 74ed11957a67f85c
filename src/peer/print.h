/*
 * print: the lines on standard output. Bytes that a terminal would obey are escaped, long data
 * is shortened and its length said. A quiet printer prints nothing.
 */
#ifndef PEER_PRINT_H
#define PEER_PRINT_H

#include "address.h"

#include <stdio.h>

enum { PEER_SHOWN_BYTES = 64 };

struct peer_counts {
    uint64_t connections;
    uint64_t datagrams;
    uint64_t received_bytes;
    uint64_t sent_bytes;
};

struct peer_printer {
    FILE *out;   /* line-buffered; NULL is quiet */
    int trouble; /* errno of the first line that could not be written; 0 for none */
};

void peer_print_start(struct peer_printer *printer, const struct peer_address *local);
void peer_print_client(struct peer_printer *printer, const struct peer_address *client);
/* `whole` is the message's length on the wire, larger than `length` when it was cut. */
void peer_print_data(struct peer_printer *printer, const uint8_t *data, size_t length,
                     size_t whole);
/* What happened to one client: "client (ADDR, PORT): …". */
void peer_print_note(struct peer_printer *printer, const struct peer_address *client,
                     const char *note);
void peer_print_end(struct peer_printer *printer, const struct peer_counts *counts);
/* 0, or the errno of the first line that could not be written (a full disk, a closed pipe). */
int peer_print_finish(struct peer_printer *printer);

#endif
