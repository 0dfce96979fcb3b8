#include <sys/random.h>

#include "guest.h"

GUEST("random numbers keep coming and do not come twice") {
    unsigned char bytes[8][32];
    for (int i = 0; i < 8; i++) {
        if (i == 4) {
            checkpoint();
        }
        EQ(getrandom(bytes[i], 32, i % 2 == 0 ? 0 : GRND_NONBLOCK), 32);
        for (int j = 0; j < i; j++) {
            CHECK(memcmp(bytes[i], bytes[j], 32) != 0);
        }
    }
    FAILS(EINVAL, getrandom(bytes, 1, 0x100));
    FAILS(EFAULT, getrandom((void *)8, 8, 0));
}
