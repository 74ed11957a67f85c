/* far: the words of what an application at the far end does. */
#include "synstep/far.h"

const char *ss_far_verb_text(enum ss_far_verb verb)
{
    switch (verb) {
    case SS_FAR_LISTEN:
        return "listen";
    case SS_FAR_CROWD:
        return "crowd";
    case SS_FAR_ACCEPT:
        return "accept";
    case SS_FAR_CONNECT:
        return "connect";
    case SS_FAR_SEND:
        return "send";
    case SS_FAR_READ:
        return "read";
    case SS_FAR_SHUTDOWN_WRITE:
        return "shutdown write";
    case SS_FAR_CLOSE:
        return "close";
    case SS_FAR_RESET:
        return "reset";
    case SS_FAR_SET:
        return "set";
    case SS_FAR_SYSCTL:
        return "sysctl";
    case SS_FAR_LOOK:
        return "look";
    case SS_FAR_BIND:
        return "bind";
    case SS_FAR_SENDTO:
        return "sendto";
    case SS_FAR_RECVFROM:
        return "recvfrom";
    case SS_FAR_JOIN:
        return "join";
    case SS_FAR_LEAVE:
        return "leave";
    }
    return "unknown verb";
}

const char *const *ss_far_option_names(void)
{
    static const char *const names[] = {
        "nodelay",      "cork",      "quickack",     "keepalive",    "keepidle",
        "keepintvl",    "keepcnt",   "user_timeout", "linger",       "linger2",
        "maxseg",       "rcvbuf",    "sndbuf",       "window_clamp", "syncnt",
        "defer_accept", "oobinline", "isn",          NULL,
    };
    return names;
}
