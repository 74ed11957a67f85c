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
    list->in_last = 1;
    return (char *)list->items + size * list->count++;
}

/* Whether the last item has room for another one. */
static bool last_takes_more(struct ss_graph_list *list)
{
    if (list->count == 0 || list->in_last >= list->together)
        return false;
    list->in_last++;
    return true;
}

static void double_together(struct ss_graph_list *list)
{
    list->together = list->together ? 2 * list->together : 2;
}

/* --- pieces -------------------------------------------------------------------------------------
 */

static bool touches(const struct ss_graph_piece *a, const struct ss_graph_piece *b,
                    struct graph_near near)
{
    return b->low <= a->high + near.numbers && a->low <= b->high + near.numbers &&
           b->begin_us <= a->end_us + near.us;
}

static void join(struct ss_graph_piece *a, const struct ss_graph_piece *b)
{
    a->low = b->low < a->low ? b->low : a->low;
    a->high = b->high > a->high ? b->high : a->high;
    a->end_us = b->end_us > a->end_us ? b->end_us : a->end_us;
    a->segments += b->segments;
}

static void thin_pieces(struct ss_graph_list *list, struct graph_near near, uint64_t *left_out)
{
    struct ss_graph_piece *pieces = list->items;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i += 2) {
        struct ss_graph_piece first = pieces[i];
        if (i + 1 < list->count && touches(&first, &pieces[i + 1], near))
            join(&first, &pieces[i + 1]);
        else if (i + 1 < list->count)
            *left_out += pieces[i + 1].segments;
        pieces[kept++] = first;
    }
    list->count = kept;
    double_together(list);
}

bool graph_list_add_piece(struct ss_graph_list *list, const struct ss_graph_piece *piece,
                          struct graph_near near, uint64_t *left_out)
{
    struct ss_graph_piece *pieces = list->items;
    if (list->count > 0 && touches(&pieces[list->count - 1], piece, near) &&
        last_takes_more(list)) {
        join(&pieces[list->count - 1], piece);
        return true;
    }
    if (list->count == SS_GRAPH_PIECES_MAX)
        thin_pieces(list, near, left_out);
    struct ss_graph_piece *added = graph_list_add(list, sizeof(*added), SS_GRAPH_PIECES_MAX);
    if (added)
        *added = *piece;
    return added != NULL;
}

/* --- answers ------------------------------------------------------------------------------------
 */

static void follow(struct ss_graph_answer *a, const struct ss_graph_answer *b)
{
    int64_t least = a->least < b->least ? a->least : b->least;
    *a = *b;
    a->least = least;
}

/* A long silence stays where it is: there are only few. */
static void thin_answers(struct ss_graph_list *list, struct graph_near near)
{
    struct ss_graph_answer *answers = list->items;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct ss_graph_answer last = answers[i];
        if (i + 1 < list->count && answers[i + 1].time_us <= last.time_us + near.us)
            follow(&last, &answers[++i]);
        answers[kept++] = last;
    }
    list->count = kept;
    double_together(list);
}

bool graph_list_add_answer(struct ss_graph_list *list, const struct ss_graph_answer *answer,
                           struct graph_near near)
{
    struct ss_graph_answer *answers = list->items;
    if (list->count > 0 && answer->time_us <= answers[list->count - 1].time_us + near.us &&
        last_takes_more(list)) {
        follow(&answers[list->count - 1], answer);
        return true;
    }
    if (list->count == SS_GRAPH_ANSWERS_MAX)
        thin_answers(list, near);
    struct ss_graph_answer *added = graph_list_add(list, sizeof(*added), SS_GRAPH_ANSWERS_MAX);
    if (added)
        *added = *answer;
    return added != NULL;
}
