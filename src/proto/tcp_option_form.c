/* tcp_option_form: the kinds of TCP options (IANA): their names and lengths. */
#include "synstep/tcp_option.h"

/* What this project's arithmetic does not know (enum ss_tcp_option_kind) may still be named. */
enum { USER_TIMEOUT = 28, MD5 = 19, AUTHENTICATION = 29, MULTIPATH = 30 };

static const struct ss_tcp_option_form forms[] = {
    {SS_TCP_OPTION_END, 1, false, "End of Option List"},
    {SS_TCP_OPTION_NOP, 1, false, "No-Operation"},
    {SS_TCP_OPTION_MSS, 4, true, "Maximum Segment Size"},
    {SS_TCP_OPTION_WINDOW_SCALE, 3, true, "Window Scale"},
    {SS_TCP_OPTION_SACK_PERMITTED, 2, true, "SACK Permitted"},
    {SS_TCP_OPTION_SACK, 0, false, "SACK"},
    {SS_TCP_OPTION_TIMESTAMPS, 10, false, "Timestamps"},
    {MD5, 18, false, "MD5 Signature"},                     /* RFC 2385 */
    {USER_TIMEOUT, 4, false, "User Timeout"},              /* RFC 5482 */
    {AUTHENTICATION, 0, false, "Authentication (TCP-AO)"}, /* RFC 5925 */
    {MULTIPATH, 0, false, "Multipath TCP"},                /* RFC 8684 */
    {SS_TCP_OPTION_FAST_OPEN, 0, true, "Fast Open Cookie"},
};

const struct ss_tcp_option_form *ss_tcp_option_form(uint8_t kind)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (forms[i].kind == kind)
            return &forms[i];
    return NULL;
}

/* RFC 2018 section 3: one to four blocks of 8 octets behind the first two. */
bool ss_tcp_option_is_well_formed(const struct ss_tcp_option *option)
{
    const struct ss_tcp_option_form *form = ss_tcp_option_form(option->kind);
    if (option->kind == SS_TCP_OPTION_SACK)
        return option->length >= 10 && (option->length - 2) % 8 == 0;
    return !form || form->length == 0 || form->length == option->length;
}
