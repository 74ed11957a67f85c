/* graph_list: growing by doubling, shrinking by pairs. */
#include "graph_list.h"

#include <stdlib.h>

enum { ROOM_FIRST = 64 };

void *graph_list_add(struct ss_graph_list *list, size_t size, size_t most)
{
    if (list->count == most)
        return NULL;
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : ROOM_FIRST;
        void *more = realloc(list->items, room * size);
        if (!more)
            return NULL;
        list->items = more;
        list->room = room;
    }
    return (char *)list->items + size * list->count++;
}

static bool touches(const struct ss_graph_piece *a, const struct ss_graph_piece *b, int64_t near,
                    uint64_t near_us)
{
    return b->low <= a->high + near && a->low <= b->high + near &&
           b->begin_us <= a->end_us + near_us;
}

static void join(struct ss_graph_piece *a, const struct ss_graph_piece *b)
{
    a->low = b->low < a->low ? b->low : a->low;
    a->high = b->high > a->high ? b->high : a->high;
    a->end_us = b->end_us > a->end_us ? b->end_us : a->end_us;
    a->segments += b->segments;
}

void graph_list_thin_pieces(struct ss_graph_stream *stream, struct ss_graph_list *list,
                            int64_t near, uint64_t near_us)
{
    struct ss_graph_piece *pieces = list->items;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i += 2) {
        struct ss_graph_piece first = pieces[i];
        if (i + 1 < list->count) {
            const struct ss_graph_piece *second = &pieces[i + 1];
            bool joined = touches(&first, second, near, near_us);
            *(joined ? &stream->gathered : &stream->left_out) += second->segments;
            if (joined)
                join(&first, second);
        }
        pieces[kept++] = first;
    }
    list->count = kept;
}

void graph_list_thin_answers(struct ss_graph_list *list)
{
    struct ss_graph_answer *answers = list->items;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i += 2) {
        struct ss_graph_answer last = answers[i + 1 < list->count ? i + 1 : i];
        if (answers[i].least < last.least)
            last.least = answers[i].least;
        answers[kept++] = last;
    }
    list->count = kept;
}
