/* scenario_memory: the pieces that a scenario owns, in one list. */
#include <stdalign.h>
#include <stdlib.h>

#include "scenario_parts.h"

/* A hundred thousand steps with a few fields each take half of it. */
enum { MEMORY_BYTES_MAX = 256 << 20 };

struct piece {
    struct piece *next;
    void *adopted;
    alignas(max_align_t) unsigned char octets[];
};

struct memory {
    struct piece *pieces;
    size_t used;
};

struct memory *memory_new(void)
{
    return calloc(1, sizeof(struct memory));
}

void memory_free(struct memory *memory)
{
    if (!memory)
        return;
    for (struct piece *piece = memory->pieces; piece;) {
        struct piece *next = piece->next;
        free(piece->adopted);
        free(piece);
        piece = next;
    }
    free(memory);
}

void *memory_take(struct memory *memory, size_t size, bool *full)
{
    *full = size > MEMORY_BYTES_MAX - memory->used;
    struct piece *piece = *full ? NULL : calloc(1, sizeof(*piece) + size);
    if (!piece)
        return NULL;
    memory->used += size;
    piece->next = memory->pieces;
    memory->pieces = piece;
    return piece->octets;
}

bool memory_adopt(struct memory *memory, void *octets)
{
    struct piece *piece = calloc(1, sizeof(*piece));
    if (!piece)
        return false;
    piece->adopted = octets;
    piece->next = memory->pieces;
    memory->pieces = piece;
    return true;
}
