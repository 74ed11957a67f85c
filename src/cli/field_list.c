/* field_list: which layer is meant, and its list. */
#include "field_list.h"

#include "synstep/fields.h"
#include "synstep/words.h"

static enum ss_status unknown_layer(const char *typed, struct ss_problem *problem)
{
    const char *names[SS_LAYER_KINDS];
    for (int i = 0; i < SS_LAYER_KINDS; i++)
        names[i] = ss_layer_table((enum ss_layer_kind)i)->name;
    const char *nearest = ss_words_nearest(typed, names, SS_LAYER_KINDS);
    return ss_problem_set(problem, SS_USAGE, "no layer '%.40s'%s%s; --fields= lists all", typed,
                          nearest ? "; did you mean " : "", nearest ? nearest : "");
}

enum ss_status fields_print(FILE *out, const char *layer, unsigned columns,
                            struct ss_problem *problem)
{
    enum ss_layer_kind kind;
    if (!layer || !layer[0]) {
        ss_fields_show_layers(out);
        return SS_OK;
    }
    if (!ss_layer_from_name(layer, &kind))
        return unknown_layer(layer, problem);
    ss_fields_show(out, kind, columns);
    return SS_OK;
}
