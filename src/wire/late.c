/* late: by dlopen(3). */
#include "synstep/late.h"

#include <dlfcn.h>
#include <stddef.h>

void *ss_late_find(const char *library, const char *name)
{
    void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return loaded ? dlsym(loaded, name) : NULL;
}
