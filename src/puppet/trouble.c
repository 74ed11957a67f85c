/* trouble: what failed, kept for whoever asks later. Part of the puppet. */
#include "puppet.h"

struct puppet_answer puppet_failed(struct puppet *puppet, int trouble)
{
    puppet->last_error = trouble;
    return (struct puppet_answer){.outcome = PUPPET_FAILED, .trouble = trouble};
}

struct puppet_answer puppet_broke(struct puppet *puppet, int trouble)
{
    puppet->broken = trouble;
    return puppet_failed(puppet, trouble);
}

void puppet_take_error(struct puppet *puppet)
{
    int trouble = 0;
    socklen_t length = sizeof trouble;
    if (puppet->connection >= 0 &&
        getsockopt(puppet->connection, SOL_SOCKET, SO_ERROR, &trouble, &length) == 0 &&
        trouble != 0)
        (void)puppet_broke(puppet, trouble);
    if (puppet->datagram >= 0 &&
        getsockopt(puppet->datagram, SOL_SOCKET, SO_ERROR, &trouble, &length) == 0 && trouble != 0)
        (void)puppet_failed(puppet, trouble);
}
