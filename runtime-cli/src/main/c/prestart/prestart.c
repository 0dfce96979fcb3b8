/*
 * prestart JAVA DIST WORDS...
 *
 * Becomes JAVA with WORDS, a command that is about to start a container, having started the JVMs of its sandbox and its
 * gofer beside it. These wait on a socket for what they are to do (dev.runsc.gofer.host.Handover). The command is told
 * of them by the property runsc.prestarted: pid and socket of the sandbox, pid and socket of the gofer. Whatever goes
 * wrong here, the command starts without.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Handover.DESCRIPTORS: the numbers below are for what is handed over, so the JVM must not take them. */
#define DESCRIPTORS 64
#define HANDOVER_FD 3
/* Of the command's ends: above the numbers that its caller may have given to descriptors. */
#define COMMAND_FD 200

struct process {
    pid_t pid;
    int socket;
};

static void reset_signals(void)
{
    sigset_t none;

    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        signal(signal_number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child. Nothing of the caller's comes along: no descriptors, no environment, not its session. */
static void become(const char *java, const char *dist, const char *role, char *main_class, int socket)
{
    static char all[PATH_MAX], own[PATH_MAX], cache[PATH_MAX], name[32];
    static char handover[] = "--handover", locale[] = "LC_ALL=C.UTF-8";
    int nothing;

    setsid();
    reset_signals();
    socket = fcntl(socket, F_DUPFD, DESCRIPTORS);
    nothing = open("/dev/null", O_RDWR);
    if (socket < 0 || nothing < 0)
        return;
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        if (fd != nothing && dup2(nothing, fd) < 0)
            return;
    if (dup2(socket, HANDOVER_FD) < 0 || close_range(DESCRIPTORS, ~0U, 0) < 0)
        return;
    snprintf(name, sizeof name, "runsc-%s", role);
    snprintf(all, sizeof all, "@%s/jvm.args", dist);
    snprintf(own, sizeof own, "@%s/%s.args", dist, role);
    snprintf(cache, sizeof cache, "-XX:AOTCache=%s/%s.aot", dist, role);
    execve(java, (char *[]){name, all, own, cache, main_class, handover, NULL}, (char *[]){locale, NULL});
}

static int start(const char *java, const char *dist, const char *role, char *main_class, struct process *started)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    started->socket = fcntl(pair[0], F_DUPFD, COMMAND_FD); /* not close-on-exec */
    close(pair[0]);
    started->pid = started->socket < 0 ? -1 : fork();
    if (started->pid == 0) {
        become(java, dist, role, main_class, pair[1]);
        _exit(127);
    }
    close(pair[1]);
    if (started->pid < 0 && started->socket >= 0)
        close(started->socket);
    return started->pid < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    static char told[128];
    struct process sandbox, gofer;
    char *java, *dist;

    if (argc < 4)
        return 128;
    java = argv[1];
    dist = argv[2];
    /* The command's words follow those two, which make room for its name and the property. */
    argv[2] = java;
    argv += 2;
    if (start(java, dist, "sandbox", "dev.runsc.cli.boot.SandboxMain", &sandbox) == 0) {
        if (start(java, dist, "gofer", "dev.runsc.gofer.server.GoferMain", &gofer) < 0)
            gofer = (struct process){.pid = 0, .socket = 0};
        snprintf(told, sizeof told, "-Drunsc.prestarted=%d,%d,%d,%d", sandbox.pid, sandbox.socket, gofer.pid,
             gofer.socket);
        argv[0] = told;
        *--argv = java;
    }
    execv(java, argv);
    perror("runsc: java");
    return 128;
}
