/* What the tests of seccomp(2) share: making filters and having them installed. */
#ifndef FILTERS_H
#define FILTERS_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "guest.h"

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_LOW(index) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[index]))
#define LOAD_HIGH(index) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[index]) + 4)
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
/* Goes on if A is the value, else jumps over some instructions. */
#define UNLESS(value, over) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, over)

/* seccomp(2) with a program. */
static inline long filter_try(unsigned flags, struct sock_filter *code, size_t count) {
    struct sock_fprog program = {(unsigned short)count, code};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

#define FILTER(flags, ...)                                                      \
    __extension__({                                                             \
        struct sock_filter guest_code[] = {__VA_ARGS__};                        \
        filter_try(flags, guest_code, sizeof guest_code / sizeof guest_code[0]); \
    })

/* One call has this answer, all others are allowed. */
#define FILTER_CALL(number, answer) \
    EQ(FILTER(0, LOAD(nr), UNLESS(number, 1), ANSWER(answer), ANSWER(SECCOMP_RET_ALLOW)), 0)

static inline void no_new_privileges(void) {
    SYS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/* A number of /proc/self/status. */
static inline long status_number(const char *name) {
    char *line = strstr(guest_read_file("/proc/thread-self/status"), name);
    CHECK(line != NULL);
    return strtol(line + strlen(name), NULL, 10);
}

#endif
