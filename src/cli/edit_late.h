/*
 * edit_late: libedit, loaded by the first call of it: only a prompt on a terminal needs it and the
 * three libraries that it draws in. After this header its functions are called as ever; before any
 * other, edit_late_is_there must have said yes.
 */
#ifndef SYNSTEP_CLI_EDIT_LATE_H
#define SYNSTEP_CLI_EDIT_LATE_H

#include <histedit.h>
#include <stdbool.h>

bool edit_late_is_there(void);

/* A function of libedit; NULL when there is none of that name, or no libedit. */
void *edit_late_find(const char *name);

#define EDIT_LATE(name) ((__typeof__(&(name)))edit_late_find(#name))

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
