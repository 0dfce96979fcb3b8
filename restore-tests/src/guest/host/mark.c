/*
 * Sets an extended attribute, where there is no setfattr:
 *
 *   mark FILE NAME VALUE
 */
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s FILE NAME VALUE\n", argv[0]);
        return 2;
    }
    if (setxattr(argv[1], argv[2], argv[3], strlen(argv[3]), 0) < 0) {
        perror(argv[1]);
        return 1;
    }
    return 0;
}
