# 64 threads hand a number around by futexes, under a child that has come to half of it when `middle` is called.
"$GUEST/ring" 64 3000 | {
    read -r line
    echo "$line"
    middle
    cat
}
