#include "guest.h"

#define PAGES 64

static struct gate forth, back;
static unsigned char *memory;

static void child(void *unused) {
    (void)unused;
    for (int i = 0; i < PAGES; i += 4) { // a quarter is the child's own at the checkpoint
        guest_fill(memory + i * PAGE, PAGE, 1000 + i);
    }
    gate_open(&back);
    gate_pass(&forth);
    for (int i = 0; i < PAGES; i++) {
        CHECK(guest_filled(memory + i * PAGE, PAGE, i % 4 == 0 ? 1000 + i : i));
    }
    for (int i = 0; i < PAGES; i++) {
        guest_fill(memory + i * PAGE, PAGE, 3000 + i);
    }
    gate_open(&back);
    gate_pass(&forth);
    for (int i = 0; i < PAGES; i++) {
        CHECK(guest_filled(memory + i * PAGE, PAGE, 3000 + i));
    }
}

GUEST("pages shared by fork are copied when one side writes, before and after") {
    gate_make(&forth);
    gate_make(&back);
    memory = guest_pages(PAGES);
    for (int i = 0; i < PAGES; i++) {
        guest_fill(memory + i * PAGE, PAGE, i);
    }
    pid_t pid = guest_child(child, NULL);
    gate_pass(&back);
    for (int i = 1; i < PAGES; i += 4) { // another quarter is the parent's
        guest_fill(memory + i * PAGE, PAGE, 2000 + i);
    }
    checkpoint();
    for (int i = 0; i < PAGES; i++) {
        CHECK(guest_filled(memory + i * PAGE, PAGE, i % 4 == 1 ? 2000 + i : i));
    }
    gate_open(&forth);
    gate_pass(&back);
    for (int i = 0; i < PAGES; i++) {
        CHECK(guest_filled(memory + i * PAGE, PAGE, i % 4 == 1 ? 2000 + i : i));
        guest_fill(memory + i * PAGE, PAGE, 4000 + i);
    }
    gate_open(&forth);
    REAP(pid);
}
