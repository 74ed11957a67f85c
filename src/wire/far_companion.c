/* far_companion: the echo server as a far end. It does as it always does, and can be looked at. */
#include "synstep/far.h"

#include <stdlib.h>

#include "far_answer.h"

struct far_companion {
    struct ss_far far;
    struct ss_companion *companion;  /* borrowed */
    struct ss_socket_address client; /* whose connection it is */
};

/* Nothing waits to be read: it reads all that comes. */
static void tell(const struct ss_witness *witness, struct ss_far_answer *answer)
{
    ss_far_answer_set(answer, SS_FAR_DONE, "");
    if (witness->answer != SS_WITNESS_ANSWERED)
        return;
    answer->state_known = true;
    answer->state = witness->state;
    answer->numbers_known = true;
    answer->rcv_nxt = witness->rcv_nxt;
    answer->write_seq = witness->write_seq;
}

static enum ss_status far_companion_command(struct ss_far *far,
                                            const struct ss_far_command *command,
                                            struct ss_far_answer *answer,
                                            struct ss_problem *problem)
{
    struct far_companion *self = (struct far_companion *)far;
    struct ss_witness witness;
    if (command->verb != SS_FAR_LOOK) {
        ss_far_answer_set(answer, SS_FAR_CANNOT,
                          "an echo server takes no orders: it listens, echoes, and closes");
        return SS_OK;
    }
    enum ss_status status = ss_companion_ask(self->companion, &self->client, &witness, problem);
    if (status == SS_OK)
        tell(&witness, answer);
    return status;
}

static void far_companion_close(struct ss_far *far)
{
    free(far);
}

static const struct ss_far_operations far_companion_operations = {
    .command = far_companion_command,
    .close = far_companion_close,
};

enum ss_status ss_far_companion_open(struct ss_companion *companion,
                                     const struct ss_socket_address *client, struct ss_far **far,
                                     struct ss_problem *problem)
{
    struct far_companion *self = calloc(1, sizeof(*self));
    if (!self)
        return ss_problem_set(problem, SS_IO, "out of memory for the far end");
    self->far.operations = &far_companion_operations;
    self->companion = companion;
    self->client = *client;
    *far = &self->far;
    return SS_OK;
}
