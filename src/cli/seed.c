/* seed: given, or the kernel's. */
#include "seed.h"

#include <sys/random.h>

enum ss_status seed_choose(const struct run_options *options, uint64_t *seed,
                           struct ss_problem *problem)
{
    uint32_t number = 0;
    if (!options->seed_given && getrandom(&number, sizeof(number), 0) != sizeof(number))
        return ss_problem_set(problem, SS_IO, "no random numbers from the kernel; give --seed");
    *seed = options->seed_given ? options->seed : number;
    return SS_OK;
}
