/*
 * late: a library loaded by the first call of it. Most commands need none of libpcap, zlib and
 * libedit, and what these draw in takes longer to load than a packet to be sent.
 */
#ifndef SYNSTEP_LATE_H
#define SYNSTEP_LATE_H

/*
 * A function of the library of that soname; NULL when there is no such library, or no such function
 * in it. The loader keeps it from the first time on, so that this asks again each time and holds
 * nothing.
 */
void *ss_late_find(const char *library, const char *name);

#endif
