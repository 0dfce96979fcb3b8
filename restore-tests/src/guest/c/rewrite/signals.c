#include <stdatomic.h>
#include <sys/time.h>
#include <ucontext.h>

#include "callsite.h"

enum { TICKS = 60 };

static unsigned char *pids, *reads;
static int ends[2];
static struct gate handled;
static atomic_int ticks;
static long seen_rip, seen_rax;

/* Only this program's own code and that page: nothing that the sandbox put in between. */
static void on_tick(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    long offset = registers[REG_RIP] - (long)pids;
    CHECK(registers[REG_RIP] > 0x80000000L || (registers[REG_RIP] >> 16 & 0xff) != 6);
    if (offset >= 0 && offset < PAGE) {
        CHECK(offset <= SITE_MOVE || offset == SITE_CALL || offset == SITE_BEHIND);
    }
    ticks++;
}

static void on_call(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    seen_rip = registers[REG_RIP];
    seen_rax = registers[REG_RAX];
    gate_open(&handled);
}

struct target {
    pid_t process;
    bool feed;
};

/* Signals the process once it sleeps in its call, and feeds it when its handler has run. */
static void disturb(void *argument) {
    const struct target *target = argument;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", target->process);
    for (int i = 0; i < 2;) {
        const char *state = strrchr(guest_read_file(path), ')');
        i = state != NULL && state[2] == 'S' ? i + 1 : 0;
        guest_sleep(5 * MILLISECOND);
    }
    SYS(kill(target->process, SIGUSR1));
    gate_pass(&handled);
    if (target->feed) {
        SYS(write(ends[1], "x", 1));
    }
}

static long read_disturbed(bool feed) {
    char byte;
    struct target target = {getpid(), feed};
    pid_t pid = guest_child(disturb, &target);
    long result = site_run(reads, ends[0], (long)&byte, 1);
    REAP(pid);
    return result;
}

GUEST("signals find a thread where its own code is, and interrupted calls go on") {
    char byte;
    pids = site_page(SYS_getpid);
    reads = site_page(SYS_read);
    SYS(pipe(ends));
    gate_make(&handled);
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    guest_handler(SIGALRM, on_tick, SA_RESTART);
    SYS(setitimer(ITIMER_REAL, &often, NULL));
    while (ticks < TICKS) {
        site_often(pids, getpid());
    }
    SYS(setitimer(ITIMER_REAL, &never, NULL));

    for (int i = 0; i < SITE_OFTEN; i++) {
        SYS(write(ends[1], "x", 1));
        EQ(site_run(reads, ends[0], (long)&byte, 1), 1);
    }
    checkpoint();
    guest_handler(SIGUSR1, on_call, SA_RESTART);
    EQ(read_disturbed(true), 1);
    EQ(seen_rip, (long)reads + SITE_CALL);
    EQ(seen_rax, SYS_read);
    guest_handler(SIGUSR1, on_call, 0);
    EQ(read_disturbed(false), -EINTR);
    EQ(seen_rip, (long)reads + SITE_BEHIND);
    EQ(seen_rax, -EINTR);
    for (int i = 0; i < SITE_OFTEN; i++) {
        SYS(write(ends[1], "x", 1));
        EQ(site_run(reads, ends[0], (long)&byte, 1), 1);
    }
}
