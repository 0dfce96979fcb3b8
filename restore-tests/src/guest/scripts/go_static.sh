# needs: $GUEST/gostatic
{
    seq 1 1000
    middle
    seq 1001 2000
} | "$GUEST/gostatic" argument
echo "status $?"
