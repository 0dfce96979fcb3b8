package dev.runsc.kernel.memory;

/**
 * Sizes of one address space in bytes, as /proc/pid/status and statm show them.
 *
 * @param virtual VmSize
 * @param peakVirtual VmPeak
 * @param locked VmLck
 * @param resident VmRSS
 * @param peakResident VmHWM
 * @param residentAnonymous RssAnon
 * @param residentFile RssFile
 * @param residentShared RssShmem
 * @param data VmData: private writable areas that are no stack
 * @param stack VmStk
 * @param code VmExe: the program's text
 * @param library VmLib: other executable file mappings
 */
public record MemoryStatistics(
        long virtual,
        long peakVirtual,
        long locked,
        long resident,
        long peakResident,
        long residentAnonymous,
        long residentFile,
        long residentShared,
        long data,
        long stack,
        long code,
        long library) {}
