/**
 * The benchmark: whole runs of the built artifact beside other systems, told as one table. {@link
 * dev.runsc.benchmark.Benchmark} reads the options, runs each {@link dev.runsc.benchmark.Part} in
 * turns in every {@link dev.runsc.benchmark.Contestant}, and {@link dev.runsc.benchmark.Report}
 * prints what {@link dev.runsc.benchmark.Samples} holds. {@code restore-tests/benchmark} runs it
 * straight from these sources, so it uses nothing but the JDK. No test uses it; what its figures
 * mean stands in docs/BENCHMARKS.md.
 */
package dev.runsc.benchmark;
