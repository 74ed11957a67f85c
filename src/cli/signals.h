/*
 * signals: ^C and the like set a flag that wires look at; a suite hears of its children.
 */
#ifndef SYNSTEP_CLI_SIGNALS_H
#define SYNSTEP_CLI_SIGNALS_H

#include <signal.h>
#include <stdint.h>

/* A pipe that nobody reads is then trouble with an output like any other. */
void signals_ignore_pipe(void);

/*
 * The same, and: ^C, SIGTERM and a closed terminal set the flag that is returned and are blocked,
 * save where a wire or signals_await waits: none is lost between a look and a wait. Who was started
 * with one of them ignored (nohup) goes on ignoring.
 */
const volatile sig_atomic_t *signals_heed(void);

/*
 * The first ^C is left to whoever writes into the pipe that is read: its end is ours. The second
 * ends this process.
 */
void signals_leave_to_writer(void);

/* From now on the end of a child ends signals_await, too. */
void signals_heed_children(void);

/* In a child of a suite, which ends when its parent says so (SIGTERM) and not by the terminal. */
void signals_heed_parent(void);

/* Waits until one of them comes; `span_us` at most. */
void signals_await(uint64_t span_us);

#endif
