/*
 * The way out of the JVM: three functions for dev.runsc.gofer.host.JniLibc.
 *
 * A general binding needs tens of milliseconds to set itself up in each process; these need a third
 * of one. Everything else about calls (numbers, structs, errors) is in Java.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <jni.h>
#include <stdint.h>
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
