#include "guest.h"

static volatile long *turns;
static volatile siginfo_t last;

static void on_child(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    last = *info;
}

static void child(void *unused) {
    (void)unused;
    for (;;) {
        (*turns)++;
        guest_sleep(MILLISECOND);
    }
}

static void until_more(void) {
    long before = *turns;
    while (*turns <= before + 2) {
        guest_sleep(MILLISECOND);
    }
}

/* The signal may come a moment after waitpid has returned. */
static void until_told(int code) {
    while (last.si_code != code) {
        guest_sleep(MILLISECOND);
    }
}

GUEST("a stopped process stays stopped until it is continued, and both can be waited for") {
    int status;
    turns = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    guest_handler(SIGCHLD, on_child, SA_RESTART);
    pid_t pid = guest_child(child, NULL);
    pid_t unwaited = guest_child(child, NULL);
    until_more();
    SYS(kill(unwaited, SIGKILL));
    EQ(WTERMSIG(guest_status(unwaited)), SIGKILL);
    SYS(kill(pid, SIGSTOP));
    EQ(SYS(waitpid(pid, &status, WUNTRACED)), pid);
    CHECK(WIFSTOPPED(status));
    EQ(WSTOPSIG(status), SIGSTOP);
    until_told(CLD_STOPPED);
    EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0); // told once
    long before = *turns;
    checkpoint();
    guest_settle();
    EQ(*turns, before);
    SYS(kill(pid, SIGCONT));
    EQ(SYS(waitpid(pid, &status, WCONTINUED)), pid);
    CHECK(WIFCONTINUED(status));
    until_told(CLD_CONTINUED);
    until_more();
    SYS(kill(pid, SIGTSTP));
    EQ(SYS(waitpid(pid, &status, WUNTRACED)), pid);
    EQ(WSTOPSIG(status), SIGTSTP);
    SYS(kill(pid, SIGTERM)); // waits for the process to go on
    guest_settle();
    EQ(waitpid(pid, &status, WNOHANG), 0);
    SYS(kill(pid, SIGCONT));
    EQ(WTERMSIG(guest_status(pid)), SIGTERM);
}
