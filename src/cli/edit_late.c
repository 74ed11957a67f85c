/* edit_late: asks the loader, which keeps libedit from the first time on. */
#include "edit_late.h"

#include <dlfcn.h>
#include <stddef.h>

#include "config.h"

void *edit_late_find(const char *name)
{
    void *library = dlopen(SS_LIBEDIT_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    return library ? dlsym(library, name) : NULL;
}

bool edit_late_is_there(void)
{
    return edit_late_find("el_init") != NULL;
}
