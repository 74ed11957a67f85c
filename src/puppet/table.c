/* table: the kernel's own list of TCP connections. */
#include "table.h"

#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

enum { ROW_BYTES = 512 };

/* One row's end as the kernel writes it: 32 bits of the address at a time, each as a number. */
static void end_text(const struct peer_address *end, char text[64])
{
    uint32_t words[4] = {0};
    const unsigned port = peer_address_port(end);
    if (end->is.any.sa_family == AF_INET) {
        snprintf(text, 64, "%08" PRIX32 ":%04X", end->is.ipv4.sin_addr.s_addr, port);
        return;
    }
    memcpy(words, &end->is.ipv6.sin6_addr, sizeof words);
    snprintf(text, 64, "%08" PRIX32 "%08" PRIX32 "%08" PRIX32 "%08" PRIX32 ":%04X", words[0],
             words[1], words[2], words[3], port);
}

/* " 0: 0100007F:1F90 0100007F:A3C2 01 …" */
static bool is_between(const char *row, const char *local, const char *remote, unsigned *state)
{
    char here[64];
    char there[64];
    return sscanf(row, " %*[0-9]: %63s %63s %2x", here, there, state) == 3 &&
           strcmp(here, local) == 0 && strcmp(there, remote) == 0;
}

static uint8_t search(FILE *table, const char *local, const char *remote)
{
    char row[ROW_BYTES];
    unsigned state = 0;
    while (fgets(row, sizeof row, table) != NULL)
        if (is_between(row, local, remote, &state))
            return (uint8_t)state;
    return TCP_CLOSE;
}

bool puppet_table_find(const struct peer_address *local, const struct peer_address *remote,
                       uint8_t *state)
{
    char here[64];
    char there[64];
    FILE *table = fopen(
        local->is.any.sa_family == AF_INET ? "/proc/self/net/tcp" : "/proc/self/net/tcp6", "re");
    if (table == NULL)
        return false;
    end_text(local, here);
    end_text(remote, there);
    *state = search(table, here, there);
    fclose(table);
    return true;
}
