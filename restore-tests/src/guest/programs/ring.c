/*
 * Threads hand a number around by futexes: ring THREADS ROUNDS. Half of the rounds done it prints one line and goes on
 * slowly, so that whoever reads it finds it at work; at the end it prints the number.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int threads;
static long rounds;
static atomic_int turn[256];
static long number;

static void futex(atomic_int *word, int operation, int value) {
    syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void half(void) {
    printf("half %ld\n", number);
    fflush(stdout);
}

static void *run(void *argument) {
    int mine = (int)(long)argument;
    int next = (mine + 1) % threads;
    for (;;) {
        while (atomic_load(&turn[mine]) == 0) {
            futex(&turn[mine], FUTEX_WAIT, 0);
        }
        atomic_store(&turn[mine], 0);
        if (number < rounds) {
            number++;
            if (number == rounds / 2) {
                half();
            }
            if (number > rounds / 2 && number % 10 == 0) {
                struct timespec pause = {0, 1000000};
                nanosleep(&pause, NULL);
            }
        }
        int done = number == rounds;
        atomic_store(&turn[next], 1);
        futex(&turn[next], FUTEX_WAKE, 1);
        if (done) {
            return NULL;
        }
    }
}

int main(int argc, char **argv) {
    pthread_t ids[256];
    if (argc != 3 || (threads = atoi(argv[1])) < 1 || threads > 256 || (rounds = atol(argv[2])) < 2) {
        return 2;
    }
    for (long i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], NULL, run, (void *)i) != 0) {
            return 3;
        }
    }
    atomic_store(&turn[0], 1);
    futex(&turn[0], FUTEX_WAKE, 1);
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
    }
    printf("end %ld\n", number);
    return 0;
}
