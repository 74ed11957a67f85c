/*
 * zlib_late: zlib, loaded by the first call of it: only a packed capture file needs it. As
 * pcap_late.
 */
#include <zlib.h>

#include "config.h"
#include "synstep/late.h"

#ifndef ZLIB_LIBRARY /* a test has its own */
#define ZLIB_LIBRARY SS_ZLIB_LIBRARY
#endif

/* The type of a function is that of its stand-in. */
#define REAL(name) ((__typeof__(&(name)))ss_late_find(ZLIB_LIBRARY, #name))

/* Here it is met first: this tells that it is missing. The others are called with what it made. */
int inflateInit2_(z_streamp stream, int bits, const char *version, int size)
{
    __typeof__(&inflateInit2_) real = REAL(inflateInit2_);
    return real ? real(stream, bits, version, size) : Z_VERSION_ERROR;
}

int inflateReset(z_streamp stream)
{
    return REAL(inflateReset)(stream);
}

int inflate(z_streamp stream, int flush)
{
    return REAL(inflate)(stream, flush);
}

int inflateEnd(z_streamp stream)
{
    return REAL(inflateEnd)(stream);
}
