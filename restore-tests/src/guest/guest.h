/*
 * A guest test is one C program in three phases: it sets something up, calls checkpoint(), and verifies
 * that nothing has changed. What checkpoint() does is up to who runs the program:
 *   - nothing at all (natively, which is the oracle, and in the sandbox);
 *   - it says that the program is ready and waits; meanwhile the sandbox is saved and goes on, or is
 *     saved, ended, and restored in another process.
 * So the same source says what Linux does and holds us to it.
 *
 *     #include "guest.h"
 *
 *     GUEST("what is written to a pipe is read after the checkpoint") {
 *         int ends[2];
 *         SYS(pipe(ends));
 *         SYS(write(ends[1], "ab", 2));
 *         checkpoint();
 *         char text[3] = "";
 *         EQ(read(ends[0], text, 2), 2);
 *         CHECK(strcmp(text, "ab") == 0);
 *     }
 *
 * A test runs in a fresh folder, as leader of its own process group, with nothing on standard input. It
 * takes under two seconds, does not depend on how fast the machine is, and cleans up its processes. A
 * failed check ends the process that made it with status 1; a child is reaped with REAP, which checks.
 */
#ifndef GUEST_H
#define GUEST_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The runner's end of checkpoint(); far above what a test opens itself. */
#define GUEST_READY_FD 900
#define GUEST_GO_FD 901

#define MILLISECOND 1000000L
#define SECOND 1000000000L
#define PAGE 4096L

/* The test; the sentence says what holds. */
#define GUEST(sentence)                          \
    const char guest_sentence[] = sentence;      \
    void guest_test(void);                       \
    void guest_test(void)

/* The way a test starts itself again by execve: with arguments, this runs instead of the test. */
int guest_helper(int argc, char **argv);

/* The second phase. Any thread of any process of the test may call it, but only once in all. */
void checkpoint(void);

/* The absolute path of this program, for a test that executes itself. */
const char *guest_path(void);

/* Fails the test with what errno says and, where one was made, a comparison. */
_Noreturn void guest_fail(const char *file, int line, const char *what);
_Noreturn void guest_fail_compare(
    const char *file, int line, const char *what, long long actual, long long expected);

#define CHECK(condition)                                        \
    do {                                                        \
        if (!(condition)) {                                     \
            guest_fail(__FILE__, __LINE__, #condition);         \
        }                                                       \
    } while (0)

/* Two integers are the same. */
#define EQ(actual, expected)                                                              \
    do {                                                                                  \
        long long guest_actual = (long long)(actual);                                     \
        long long guest_expected = (long long)(expected);                                 \
        if (guest_actual != guest_expected) {                                             \
            guest_fail_compare(                                                           \
                __FILE__, __LINE__, #actual " == " #expected, guest_actual, guest_expected); \
        }                                                                                 \
    } while (0)

/* The value of a call that must not return -1 (MAP_FAILED is -1, too). */
#define SYS(call)                                          \
    __extension__({                                        \
        __typeof__(call) guest_value = (call);             \
        if ((long)guest_value == -1) {                     \
            guest_fail(__FILE__, __LINE__, #call);         \
        }                                                  \
        guest_value;                                       \
    })

/* A call that must return -1 with this errno. */
#define FAILS(error, call)                                                     \
    do {                                                                       \
        errno = 0;                                                             \
        EQ((long)(call), -1);                                                  \
        EQ(errno, error);                                                      \
    } while (0)

/* A call of the pthread kind, which returns the error itself. */
#define PTHREAD(call) EQ((call), 0)

/* Waits for a child that must have ended with status 0. */
#define REAP(pid) EQ(guest_status(pid), 0)

/* The wait status of a child, waited for. */
int guest_status(pid_t pid);

/* Forks; in the child it runs the function and ends with status 0. */
pid_t guest_child(void (*body)(void *), void *argument);

/* Lets other processes and threads go as far as they get, which is where a checkpoint is worth most. No test may
 * depend on it. */
void guest_settle(void);

void guest_sleep(long nanoseconds);
long long guest_now(clockid_t clock);

/* A page-aligned piece of private anonymous memory. */
void *guest_pages(size_t count);

/* Fills with, or checks for, bytes that depend on seed and place. */
void guest_fill(void *memory, size_t size, unsigned seed);
bool guest_filled(const void *memory, size_t size, unsigned seed);

/* One byte through a pipe: the cheapest way for processes to wait for each other. */
struct gate {
    int ends[2];
};
void gate_make(struct gate *gate);
void gate_open(struct gate *gate);
void gate_pass(struct gate *gate);

/* A handler without SA_RESTART unless the flags say so. */
void guest_handler(int signal, void (*handler)(int, siginfo_t *, void *), int flags);

/* The mask of this thread: one signal blocked or open. */
void guest_block(int signal);
void guest_unblock(int signal);

/* The whole of a small file, in a buffer that the next call uses again. */
char *guest_read_file(const char *path);
void guest_write_file(const char *path, const char *text);

#endif
