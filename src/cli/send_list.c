/* send_list: the fields of a layer, and the interfaces of this host. */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "send_series.h"
#include "synstep/layer.h"
#include "synstep/words.h"

static enum ss_status no_layer(const char *name, struct ss_problem *problem)
{
    const char *names[SS_LAYER_KINDS];
    for (int i = 0; i < SS_LAYER_KINDS; i++)
        names[i] = ss_layer_table((enum ss_layer_kind)i)->name;
    const char *nearest = ss_words_nearest(name, names, SS_LAYER_KINDS);
    return ss_problem_set(problem, SS_USAGE, "no layer '%.40s'; did you mean %s?", name,
                          nearest ? nearest
                                  : "ether vlan arp ip ip6 hop route frag dest tcp udp "
                                    "icmp icmp6 igmp or raw");
}

static void print_usual(const struct ss_layer_field *field)
{
    switch (field->computed) {
    case SS_COMPUTED_NEXT:
    case SS_COMPUTED_LENGTH:
    case SS_COMPUTED_CHECKSUM:
        printf("  %-10s", "computed");
        return;
    case SS_COMPUTED_NOT:
        printf("  %-10" PRIu32, field->usual);
        return;
    }
}

enum ss_status send_list_fields(const char *layer, struct ss_problem *problem)
{
    enum ss_layer_kind kind;
    if (!ss_layer_from_name(layer, &kind))
        return no_layer(layer, problem);
    const struct ss_layer_table *table = ss_layer_table(kind);
    printf("%s: %s%s%s\n", table->name, table->title, table->source[0] ? ", " : "", table->source);
    for (size_t i = 0; i < table->field_count; i++) {
        const struct ss_layer_field *field = &table->fields[i];
        printf("  %-10s %3u bit%s", field->name, field->bits, field->bits == 1 ? " " : "s");
        print_usual(field);
        printf("  %s: %s\n", field->title, field->meaning);
    }
    if (table->rest)
        printf("  %-10s what follows: text, hex:0a0b, size:100, random:100, @FILE\n", table->rest);
    if (kind == SS_LAYER_TCP)
        printf("  mss=1460 wscale=7 sackok ts=1,0 sack=5..9 nop eol opt=254:0a0b: options\n");
    return SS_OK;
}

enum ss_status send_list_interfaces(struct ss_problem *problem)
{
    struct if_nameindex *all = if_nameindex();
    if (!all)
        return ss_problem_set(problem, SS_IO, "cannot list the interfaces: %s", strerror(errno));
    for (const struct if_nameindex *each = all; each->if_index != 0; each++)
        printf("%u %s\n", each->if_index, each->if_name);
    if_freenameindex(all);
    return SS_OK;
}
