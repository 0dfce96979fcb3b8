#include <sys/auxv.h>

#include "guest.h"

extern char **environ;

GUEST("arguments, environment and auxiliary vector are kept") {
    unsigned char random[16];
    memcpy(random, (void *)getauxval(AT_RANDOM), 16);
    setenv("GUEST_NEW", "new", 1);
    checkpoint();
    CHECK(strcmp(getenv("GUEST_WORD"), "kept") == 0);
    CHECK(strcmp(getenv("GUEST_NEW"), "new") == 0);
    CHECK(strcmp(getenv("PATH"), "/usr/bin:/bin") == 0);
    CHECK(memcmp(random, (void *)getauxval(AT_RANDOM), 16) == 0);
    EQ(getauxval(AT_PAGESZ), PAGE);
    EQ(getauxval(AT_UID), getuid());
    EQ(getauxval(AT_EGID), getegid());
    EQ(getauxval(AT_SECURE), 0);
    EQ(getauxval(AT_CLKTCK), 100);
    CHECK(strcmp((char *)getauxval(AT_EXECFN), guest_path()) == 0);
    CHECK(getauxval(AT_HWCAP) != 0);
    CHECK(strcmp((char *)getauxval(AT_PLATFORM), "x86_64") == 0);
    CHECK(environ[0] != NULL);
}
