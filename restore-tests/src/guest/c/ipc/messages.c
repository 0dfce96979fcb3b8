#include "ipc.h"

GUEST("messages are received by type, in order, and kept across the checkpoint") {
    struct text text;
    int id = SYS(msgget(IPC_PRIVATE, 0600));
    send_text(id, 3, "three");
    send_text(id, 1, "one");
    send_text(id, 2, "two");
    send_text(id, 1, "uno");
    send_text(id, 7, "");
    struct msqid_ds state = msg_state(id);
    EQ(state.msg_qnum, 5);
    EQ(state.__msg_cbytes, 14);
    EQ(state.msg_lspid, getpid());
    EQ(state.msg_lrpid, 0);
    CHECK(state.msg_stime != 0);
    checkpoint();
    EQ(msg_state(id).msg_qnum, 5);
    RECEIVES(id, 2, MSG_COPY | IPC_NOWAIT, 2, "two");
    FAILS(ENOMSG, msgrcv(id, &text, 64, 5, MSG_COPY | IPC_NOWAIT));
    FAILS(EINVAL, msgrcv(id, &text, 64, 0, MSG_COPY));
    FAILS(EINVAL, msgrcv(id, &text, 64, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT));
    FAILS(E2BIG, msgrcv(id, &text, 2, 0, 0));
    EQ(SYS(msgrcv(id, &text, 2, 1, MSG_NOERROR)), 2);
    CHECK(memcmp(text.bytes, "on", 2) == 0);
    RECEIVES(id, -2, 0, 1, "uno");
    RECEIVES(id, 3, MSG_EXCEPT, 2, "two");
    RECEIVES(id, -9, IPC_NOWAIT, 3, "three");
    FAILS(ENOMSG, msgrcv(id, &text, 64, -6, IPC_NOWAIT));
    RECEIVES(id, 0, 0, 7, "");
    FAILS(ENOMSG, msgrcv(id, &text, 64, 0, IPC_NOWAIT));
    EQ(msg_state(id).msg_qnum, 0);
    EQ(msg_state(id).msg_lrpid, getpid());
    text.type = 0;
    FAILS(EINVAL, msgsnd(id, &text, 1, 0));
    text.type = 1;
    FAILS(EINVAL, msgsnd(id, &text, 8193, 0));
    FAILS(EINVAL, msgsnd(id, &text, -1, 0));
    FAILS(EFAULT, msgsnd(id, NULL, 1, 0));
    FAILS(EINVAL, msgrcv(id, &text, -1, 0, 0));
    char *big = guest_pages(3);
    *(long *)big = 1;
    SYS(msgsnd(id, big, 8192, 0));
    SYS(msgsnd(id, big, 8192, 0));
    FAILS(EAGAIN, msgsnd(id, big, 1, IPC_NOWAIT));
    SYS(msgsnd(id, big, 0, IPC_NOWAIT));
    EQ(SYS(msgrcv(id, big, 8192, 0, 0)), 8192);
    SYS(msgctl(id, IPC_RMID, NULL));
}
