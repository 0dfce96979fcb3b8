#include "guest.h"

GUEST("a memfd keeps contents and seals") {
    int fd = SYS(memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    int plain = SYS(memfd_create("plain", 0));
    unsigned char *memory;
    EQ(write(fd, "contents", 8), 8);
    SYS(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
    memory = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    memory[0] = 'C';
    checkpoint();
    EQ(SYS(fcntl(fd, F_GET_SEALS)), F_SEAL_SHRINK | F_SEAL_GROW);
    EQ(SYS(fcntl(plain, F_GET_SEALS)), F_SEAL_SEAL);
    FAILS(EPERM, ftruncate(fd, 4));
    FAILS(EPERM, ftruncate(fd, 12));
    FAILS(EPERM, fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
    char text[8];
    EQ(pread(fd, text, 8, 0), 8);
    CHECK(memcmp(text, "Contents", 8) == 0);
    FAILS(EBUSY, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)); // mapped for writing
    SYS(munmap(memory, PAGE));
    SYS(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
    FAILS(EPERM, pwrite(fd, "x", 1, 0));
    FAILS(EPERM, mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    FAILS(EPERM, fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
    struct stat status;
    SYS(fstat(fd, &status));
    EQ(status.st_size, 8);
    EQ(status.st_nlink, 0);
}
