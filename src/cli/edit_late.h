/*
 * edit_late: libedit, loaded by the first call of it: only a prompt on a terminal needs it and the
 * three libraries that it draws in. After this header its functions are called as ever; before any
 * other, edit_late_is_there must have said yes.
 */
#ifndef SYNSTEP_CLI_EDIT_LATE_H
#define SYNSTEP_CLI_EDIT_LATE_H

#include <histedit.h>
#include <stdbool.h>

#include "config.h"
#include "synstep/late.h"

/* The type of a function is that of its stand-in. */
#define EDIT_LATE(name) ((__typeof__(&(name)))ss_late_find(SS_LIBEDIT_LIBRARY, #name))

static inline bool edit_late_is_there(void)
{
    return EDIT_LATE(el_init) != NULL;
}

#define el_end(...) EDIT_LATE(el_end)(__VA_ARGS__)
#define el_get(...) EDIT_LATE(el_get)(__VA_ARGS__)
#define el_gets(...) EDIT_LATE(el_gets)(__VA_ARGS__)
#define el_init(...) EDIT_LATE(el_init)(__VA_ARGS__)
#define el_insertstr(...) EDIT_LATE(el_insertstr)(__VA_ARGS__)
#define el_line(...) EDIT_LATE(el_line)(__VA_ARGS__)
#define el_resize(...) EDIT_LATE(el_resize)(__VA_ARGS__)
#define el_set(...) EDIT_LATE(el_set)(__VA_ARGS__)
#define el_wset(...) EDIT_LATE(el_wset)(__VA_ARGS__)
#define history(...) EDIT_LATE(history)(__VA_ARGS__)
#define history_end(...) EDIT_LATE(history_end)(__VA_ARGS__)
#define history_init(...) EDIT_LATE(history_init)(__VA_ARGS__)

#endif
