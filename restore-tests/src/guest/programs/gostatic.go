// A Go program that stands on nothing but system calls: it sums the numbers of its input in goroutines.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func sum(numbers <-chan int, workers int) int {
	var group sync.WaitGroup
	var lock sync.Mutex
	total := 0
	for i := 0; i < workers; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for number := range numbers {
				garbage := make([]byte, 1000+number)
				lock.Lock()
				total += number + int(garbage[number])
				lock.Unlock()
			}
		}()
	}
	group.Wait()
	return total
}

func main() {
	numbers := make(chan int, 10)
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			number, _ := strconv.Atoi(lines.Text())
			numbers <- number
		}
		close(numbers)
	}()
	fmt.Println("sum", sum(numbers, 16))
	runtime.GC()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println("signal", <-signals)
	select {
	case <-time.After(20 * time.Millisecond):
		fmt.Println("timer")
	}
	output, err := exec.Command("echo", os.Args...).Output()
	fmt.Println(len(output) > 10, err)
	_, err = os.Open("/no/such/file")
	fmt.Println(err)
	os.Exit(8)
}
