#include "guest.h"

GUEST("a file open for appending is written at its end, wherever the offset is") {
    guest_write_file("file", "one");
    int append = SYS(open("file", O_RDWR | O_APPEND));
    int other = SYS(open("file", O_WRONLY));
    EQ(write(append, "two", 3), 3);
    EQ(lseek(append, 0, SEEK_SET), 0);
    checkpoint();
    EQ(SYS(fcntl(append, F_GETFL)) & (O_APPEND | O_ACCMODE), O_APPEND | O_RDWR);
    EQ(lseek(other, 0, SEEK_END), 6);
    EQ(write(other, "three", 5), 5);
    EQ(write(append, "four", 4), 4);
    EQ(lseek(append, 0, SEEK_CUR), 15);
    CHECK(strcmp(guest_read_file("file"), "onetwothreefour") == 0);
    SYS(fcntl(append, F_SETFL, 0));
    EQ(pwrite(append, "ONE", 3, 0), 3);
    CHECK(strcmp(guest_read_file("file"), "ONEtwothreefour") == 0);
}
