/* loaded: whether a shared library is in this process. */
#ifndef LOADED_H
#define LOADED_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "check_main.h"

/* `part` of its path. */
static inline bool library_is_loaded(const char *part)
{
    char line[512];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    ck_assert_ptr_nonnull(maps);
    while (fgets(line, sizeof line, maps))
        found = found || strstr(line, part) != NULL;
    fclose(maps);
    return found;
}

#endif
