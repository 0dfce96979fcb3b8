#include "guest.h"

static struct gate go;

/* As an interpreter: name, its one argument, the script, the script's arguments. */
int guest_helper(int argc, char **argv) {
    EQ(argc, 4);
    CHECK(strcmp(argv[1], "one argument") == 0);
    CHECK(strcmp(argv[2], "./script") == 0);
    CHECK(strcmp(argv[3], "word") == 0);
    return 92;
}

static void child(void *unused) {
    (void)unused;
    gate_pass(&go);
    SYS(execl("./script", "replaced", "word", NULL));
}

GUEST("a script runs by the interpreter in its first line") {
    char line[PATH_MAX + 32];
    gate_make(&go);
    snprintf(line, sizeof line, "#! %s one argument \nrest\n", guest_path());
    guest_write_file("script", line);
    SYS(chmod("script", 0755));
    pid_t pid = guest_child(child, NULL);
    checkpoint();
    gate_open(&go);
    EQ(WEXITSTATUS(guest_status(pid)), 92);
    guest_write_file("wrong", "#!/no/such/interpreter\n");
    SYS(chmod("wrong", 0755));
    FAILS(ENOENT, execl("./wrong", "wrong", NULL));
}
