#include <sys/resource.h>
#include <sys/times.h>

#include "guest.h"

/* Uses the processor for so long. */
static void work(long nanoseconds) {
    long long end = guest_now(CLOCK_THREAD_CPUTIME_ID) + nanoseconds;
    while (guest_now(CLOCK_THREAD_CPUTIME_ID) < end) {
    }
}

GUEST("the clocks of processor time count work, and go on from where they were") {
    struct rusage usage;
    clockid_t clock;
    work(40 * MILLISECOND);
    long long process = guest_now(CLOCK_PROCESS_CPUTIME_ID);
    long long thread = guest_now(CLOCK_THREAD_CPUTIME_ID);
    checkpoint();
    CHECK(guest_now(CLOCK_PROCESS_CPUTIME_ID) >= process);
    CHECK(guest_now(CLOCK_THREAD_CPUTIME_ID) >= thread);
    long long before = guest_now(CLOCK_PROCESS_CPUTIME_ID);
    long long start = guest_now(CLOCK_MONOTONIC);
    guest_sleep(100 * MILLISECOND);
    long long slept = guest_now(CLOCK_PROCESS_CPUTIME_ID) - before;
    CHECK(slept < (guest_now(CLOCK_MONOTONIC) - start) / 2); // sleep is no work
    work(30 * MILLISECOND);
    CHECK(guest_now(CLOCK_PROCESS_CPUTIME_ID) - before >= 30 * MILLISECOND);
    SYS(getrusage(RUSAGE_SELF, &usage));
    long long used = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000
                     + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    CHECK(used >= 20000);
    struct tms ticks;
    CHECK(times(&ticks) != (clock_t)-1);
    SYS(clock_getcpuclockid(0, &clock) == 0 ? 0 : -1);
    CHECK(guest_now(clock) >= process);
}
