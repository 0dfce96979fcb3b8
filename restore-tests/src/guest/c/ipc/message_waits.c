#include <sys/time.h>

#include "ipc.h"

static int in, out;

static void answers(void *unused) {
    (void)unused;
    RECEIVES(in, 5, 0, 5, "five");
    struct text text = {.type = 6};
    memcpy(text.bytes, "answer", 6);
    SYS(msgsnd(out, &text, 6, 0));
}

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
}

static void interrupted(void *unused) {
    (void)unused;
    int sem = SYS(semget(IPC_PRIVATE, 1, 0600));
    struct text text;
    struct itimerval soon = {.it_value = {0, 30000}};
    guest_handler(SIGALRM, on_signal, SA_RESTART);
    SYS(setitimer(ITIMER_REAL, &soon, NULL));
    FAILS(EINTR, msgrcv(in, &text, 10, 0, 0));
    SYS(setitimer(ITIMER_REAL, &soon, NULL));
    FAILS(EINTR, sem_change(sem, 0, -1, 0));
    SYS(semctl(sem, 0, IPC_RMID));
}

GUEST("receivers and senders wait across the checkpoint") {
    in = SYS(msgget(IPC_PRIVATE, 0600));
    out = SYS(msgget(IPC_PRIVATE, 0600));
    struct msqid_ds state = msg_state(out);
    state.msg_qbytes = 8;
    SYS(msgctl(out, IPC_SET, &state));
    send_text(out, 1, "blocked");
    pid_t pid = guest_child(answers, NULL);
    guest_settle();
    send_text(in, 4, "four");
    checkpoint();
    send_text(in, 5, "five");
    while (msg_state(in).msg_qnum != 1) {
        guest_sleep(MILLISECOND);
    }
    guest_settle();
    EQ(msg_state(out).msg_qnum, 1);
    RECEIVES(out, 0, 0, 1, "blocked");
    RECEIVES(out, 6, 0, 6, "answer");
    REAP(pid);
    RECEIVES(in, 0, 0, 4, "four");
    pid = guest_child(interrupted, NULL);
    REAP(pid);
    SYS(msgctl(in, IPC_RMID, NULL));
    SYS(msgctl(out, IPC_RMID, NULL));
}
