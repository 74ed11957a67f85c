/*
 * privilege: capabilities raised for a few calls, lowered after, and dropped for good (libcap).
 */
#include "synstep/privilege.h"

#include <errno.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

/* Sets the effective set to the permitted one, or to nothing. */
static void set_effective(bool permitted)
{
    cap_t now = cap_get_proc();
    if (!now)
        return;
    cap_clear_flag(now, CAP_EFFECTIVE);
    if (permitted)
        cap_fill_flag(now, CAP_EFFECTIVE, now, CAP_PERMITTED);
    (void)cap_set_proc(now); /* effective within permitted is always allowed */
    cap_free(now);
}

void ss_privilege_lower(void)
{
    set_effective(false);
}

void ss_privilege_raise(void)
{
    set_effective(true);
}

bool ss_privilege_has_net_raw(void)
{
    cap_t now = cap_get_proc();
    if (!now)
        return false;
    cap_flag_value_t value = CAP_CLEAR;
    bool has = cap_get_flag(now, CAP_NET_RAW, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
    cap_free(now);
    return has;
}

/* What exec could give back. Needs CAP_SETPCAP: without it no_new_privs alone must do. */
static void empty_bounding_set(void)
{
    for (cap_value_t capability = 0; CAP_IS_SUPPORTED(capability); capability++)
        (void)cap_drop_bound(capability);
}

static bool ambient_is_empty(void)
{
    for (cap_value_t capability = 0; CAP_IS_SUPPORTED(capability); capability++) {
        if (cap_get_ambient(capability) == CAP_SET)
            return false;
    }
    return true;
}

/* Reads everything back from the kernel: a drop that is not seen is no drop. */
static bool all_is_gone(void)
{
    cap_t now = cap_get_proc();
    cap_t none = cap_init();
    bool gone = now && none && cap_compare(now, none) == 0 && ambient_is_empty() &&
                prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    cap_free(now);
    cap_free(none);
    return gone;
}

static bool set_empty(void)
{
    cap_t none = cap_init();
    bool set = none && cap_set_proc(none) == 0;
    int error = errno;
    cap_free(none);
    errno = error;
    return set;
}

enum ss_status ss_privilege_drop(struct ss_problem *problem)
{
    ss_privilege_raise();
    empty_bounding_set();
    (void)cap_reset_ambient(); /* looked at below; kernels before 4.3 have none */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return ss_problem_set(problem, SS_IO, "cannot set no_new_privs: %s", strerror(errno));
    if (!set_empty())
        return ss_problem_set(problem, SS_IO, "cannot give up capabilities: %s", strerror(errno));
    if (!all_is_gone())
        return ss_problem_set(problem, SS_IO,
                              "capabilities are still there after giving them up; not going on");
    return SS_OK;
}
