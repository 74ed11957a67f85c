/* send_list: the interfaces of this host. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "send_series.h"

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
