/*
 * The way out of the JVM: the functions of dev.runsc.gofer.host.JniLibc.
 *
 * A general binding needs tens of milliseconds to set itself up in each process; these need a third
 * of one. Everything else about calls (numbers, structs, errors) is in Java.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <jni.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef long six_arguments(long, long, long, long, long, long);

/* The result of a system call, or the negated error number. */
JNIEXPORT jlong JNICALL Java_dev_runsc_gofer_host_JniLibc_syscall(
    JNIEnv *env, jclass type, jlong number, jlong a, jlong b, jlong c, jlong d, jlong e, jlong f) {
    (void)env;
    (void)type;
    long result = syscall(number, a, b, c, d, e, f);
    return result == -1 ? -(jlong)errno : result;
}

/* The address of a function of the C library, 0 when it has none of that name. */
JNIEXPORT jlong JNICALL Java_dev_runsc_gofer_host_JniLibc_symbol(
    JNIEnv *env, jclass type, jstring name) {
    (void)type;
    const char *text = (*env)->GetStringUTFChars(env, name, NULL);
    if (text == NULL) {
        return 0; /* out of memory: the exception is pending */
    }
    void *address = dlsym(RTLD_DEFAULT, text);
    (*env)->ReleaseStringUTFChars(env, name, text);
    return (jlong)(intptr_t)address;
}

/* Calls a function that takes at most six integers or pointers. */
JNIEXPORT jlong JNICALL Java_dev_runsc_gofer_host_JniLibc_invoke(
    JNIEnv *env, jclass type, jlong function, jlong a, jlong b, jlong c, jlong d, jlong e,
    jlong f) {
    (void)env;
    (void)type;
    return ((six_arguments *)(intptr_t)function)(a, b, c, d, e, f);
}

/* By signal: the end of a pipe to write to. */
static volatile int watchers[NSIG];

static void tell_watcher(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t written = write(watchers[number], &byte, 1);
    (void)written; /* a full pipe holds many of this signal */
    errno = saved;
}

/* From now on a signal is a byte, its number, in a pipe. Zero, or the negated error number. */
JNIEXPORT jint JNICALL Java_dev_runsc_gofer_host_JniLibc_watchSignal(
    JNIEnv *env, jclass type, jint number, jint pipe) {
    (void)env;
    (void)type;
    if (number < 1 || number >= NSIG) {
        return -EINVAL;
    }
    watchers[number] = pipe;
    struct sigaction action = {.sa_handler = tell_watcher, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL) == 0 ? 0 : -errno;
}

/* Stores into a word and returns what was there; wakes one who sleeps on it if that was `awaited`. */
JNIEXPORT jint JNICALL Java_dev_runsc_gofer_host_JniLibc_giveTurn(
    JNIEnv *env, jclass type, jlong address, jint value, jint awaited) {
    (void)env;
    (void)type;
    int *word = (int *)(intptr_t)address;
    int before = __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST);
    if (before == awaited) {
        syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
    return before;
}

/*
 * Waits until a word is neither `theirs` nor `awaited`; before it sleeps it looks so many times and then turns the one
 * into the other. Returns the word, and a bit above it for having slept.
 */
JNIEXPORT jlong JNICALL Java_dev_runsc_gofer_host_JniLibc_awaitTurn(
    JNIEnv *env, jclass type, jlong address, jint theirs, jint awaited, jint looks) {
    (void)env;
    (void)type;
    int *word = (int *)(intptr_t)address;
    int value = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    for (; looks > 0 && value == theirs; looks--) {
        __builtin_ia32_pause();
        value = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    }
    jlong slept = 0;
    while (value == theirs || value == awaited) {
        slept = 1L << 32;
        if (value == awaited
            || __atomic_compare_exchange_n(
                word, &value, awaited, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
            syscall(SYS_futex, word, FUTEX_WAIT, awaited, NULL, NULL, 0);
        }
        value = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    }
    return slept | (uint32_t)value;
}

/* Looks at a word until it holds a value, so many times at most. */
JNIEXPORT void JNICALL Java_dev_runsc_gofer_host_JniLibc_lookFor(
    JNIEnv *env, jclass type, jlong address, jint value, jint looks) {
    (void)env;
    (void)type;
    const int *word = (const int *)(intptr_t)address;
    while (looks-- > 0 && __atomic_load_n(word, __ATOMIC_ACQUIRE) != value) {
        __builtin_ia32_pause();
    }
}
