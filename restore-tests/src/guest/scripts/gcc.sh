# needs: gcc
cat >unit.c <<'END'
int square(int x) { return x * x; }
END
gcc -O2 -c unit.c -o unit.o || exit
{
    echo '#include <stdio.h>'
    echo 'int square(int);'
    middle
    printf '%s\n' 'int main(int argc, char **argv) { printf("hello world %d %s\n", square(7), argv[argc - 1]); return 42; }'
} | gcc -x c -O1 -g - -x none unit.o -o hello || exit
./hello argument
echo "status $?"
gcc -static -O2 -o static -x c - <<'END' && ./static
#include <math.h>
#include <stdio.h>
int main(void) { printf("%.10f\n", __builtin_sqrt(2)); return 0; }
END
ar rc libunit.a unit.o && nm libunit.a | grep square
gcc -shared -fPIC unit.c -o libunit.so && readelf -h libunit.so | grep Type
echo 'int main(void) { return undeclared; }' | gcc -x c - 2>&1 | grep -c error
echo "#define N 3
N N" | gcc -E -P -
