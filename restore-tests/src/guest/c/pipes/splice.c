#include "guest.h"

GUEST("tee and splice move what is in pipes and files") {
    int one[2], two[2];
    char text[32] = "";
    SYS(pipe(one));
    SYS(pipe(two));
    EQ(write(one[1], "0123456789", 10), 10);
    EQ(SYS(tee(one[0], two[1], 4, 0)), 4);
    int file = SYS(open("file", O_RDWR | O_CREAT, 0644));
    checkpoint();
    EQ(SYS(splice(one[0], NULL, file, NULL, 6, 0)), 6);
    EQ(lseek(file, 0, SEEK_CUR), 6);
    EQ(read(one[0], text, sizeof text), 4);
    CHECK(memcmp(text, "6789", 4) == 0);
    EQ(read(two[0], text, sizeof text), 4);
    CHECK(memcmp(text, "0123", 4) == 0);
    loff_t offset = 2;
    EQ(SYS(splice(file, &offset, two[1], NULL, 100, 0)), 4);
    EQ(offset, 6);
    EQ(read(two[0], text, sizeof text), 4);
    CHECK(memcmp(text, "2345", 4) == 0);
    FAILS(EINVAL, splice(file, NULL, file, NULL, 1, 0));
}
