#include <sys/eventfd.h>

#include "guest.h"

GUEST("an eventfd keeps its counter and its kind") {
    uint64_t value;
    int counter = SYS(eventfd(3, EFD_NONBLOCK));
    int semaphore = SYS(eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC));
    SYS(eventfd_write(counter, 4));
    SYS(eventfd_write(semaphore, 2));
    checkpoint();
    EQ(read(counter, &value, 8), 8);
    EQ(value, 7);
    FAILS(EAGAIN, read(counter, &value, 8));
    for (int i = 0; i < 2; i++) {
        EQ(read(semaphore, &value, 8), 8);
        EQ(value, 1);
    }
    FAILS(EAGAIN, read(semaphore, &value, 8));
    SYS(eventfd_write(counter, UINT64_MAX - 1));
    FAILS(EAGAIN, eventfd_write(counter, 1));
    value = UINT64_MAX;
    FAILS(EINVAL, write(counter, &value, 8));
    FAILS(EINVAL, read(counter, &value, 4));
    EQ(fcntl(semaphore, F_GETFD), FD_CLOEXEC);
}
