package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The processors that guests see. CPUID is native to guests, so names and flags are the host's,
 * handed in once at boot.
 *
 * @param processors how many
 * @param lines the lines of one processor in /proc/cpuinfo, without line ends
 */
public record MachineInfo(int processors, List<String> lines) implements Savable {
    private static final int MAX_LINES = 64;
    private static final int MAX_LINE_CHARS = 16_384;

    /** More than the text of one processor takes. */
    private static final int CPUINFO_BYTES = 1 << 14;

    /** What every x86-64 has, for want of the host's text. */
    private static final String GENERIC =
            """
            processor	: 0
            vendor_id	: GenuineIntel
            cpu family	: 6
            model		: 85
            model name	: Virtual x86-64 processor
            stepping	: 0
            microcode	: 0x1
            cpu MHz		: 2000.000
            cache size	: 16384 KB
            physical id	: 0
            siblings	: 1
            core id		: 0
            cpu cores	: 1
            apicid		: 0
            initial apicid	: 0
            fpu		: yes
            fpu_exception	: yes
            cpuid level	: 13
            wp		: yes
            flags		: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse \
            sse2 ht syscall nx lm constant_tsc rep_good nopl cpuid pni hypervisor lahf_lm
            bugs		:
            bogomips	: 4000.00
            clflush size	: 64
            cache_alignment	: 64
            address sizes	: 46 bits physical, 48 bits virtual
            power management:
            """;

    public MachineInfo {
        if (processors < 1) {
            throw new IllegalArgumentException("processors " + processors);
        }
    }

    /** What the host has; CPUID shows guests the same. */
    public static MachineInfo ofHost() {
        int flags = OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC;
        ByteBuffer text = ByteBuffer.allocate(CPUINFO_BYTES);
        try (HostFd file = HostTree.open("/proc/cpuinfo", flags, 0)) {
            int count;
            do {
                count = HostFiles.read(file.number(), text);
            } while (count > 0 && text.hasRemaining());
        } catch (ErrnoException unreadable) {
            text.clear(); // a generic processor does
        }
        return of(
                Runtime.getRuntime().availableProcessors(),
                new String(text.array(), 0, text.position(), StandardCharsets.UTF_8));
    }

    /**
     * Takes the first processor of a host's /proc/cpuinfo as the model of all.
     *
     * @param cpuinfo the host's text; an empty one, or one of another architecture, gives a generic
     *     processor
     */
    public static MachineInfo of(int processors, String cpuinfo) {
        String text =
                cpuinfo.startsWith("processor") && cpuinfo.contains("vendor_id")
                        ? cpuinfo
                        : GENERIC;
        List<String> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || lines.size() == MAX_LINES) {
                break;
            }
            lines.add(line.length() > MAX_LINE_CHARS ? line.substring(0, MAX_LINE_CHARS) : line);
        }
        return new MachineInfo(processors, List.copyOf(lines));
    }

    /** /proc/cpuinfo: every processor a core of its own in one package. */
    String cpuinfo() {
        StringBuilder text = new StringBuilder();
        for (int cpu = 0; cpu < processors; cpu++) {
            for (String line : lines) {
                int colon = line.indexOf(':');
                String key = colon < 0 ? line : line.substring(0, colon);
                int number =
                        switch (key.strip()) {
                            case "processor", "core id", "apicid", "initial apicid" -> cpu;
                            case "siblings", "cpu cores" -> processors;
                            case "physical id" -> 0;
                            default -> -1;
                        };
                text.append(number < 0 ? line : key + ": " + number).append('\n');
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** All processors as a list, such as {@code 0-3}. */
    public String processorList() {
        return processors == 1 ? "0" : "0-" + (processors - 1);
    }

    /**
     * Processors as the kernel prints masks: 32 bits in hexadecimal between commas. Bit n of {@code
     * bits} is CPU n.
     */
    public String mask(long[] bits) {
        StringBuilder text = new StringBuilder();
        for (int word = (processors - 1) / 32; word >= 0; word--) {
            int width = word == (processors - 1) / 32 ? ((processors - 1) % 32 + 4) / 4 : 8;
            long value =
                    bits.length <= word / 2 ? 0 : bits[word / 2] >>> word % 2 * 32 & 0xffffffffL;
            String digits = Long.toHexString(value);
            text.append("0".repeat(Math.max(0, width - digits.length()))).append(digits);
            text.append(word > 0 ? "," : "");
        }
        return text.toString();
    }

    /** A mask with all processors, for {@link #mask}. */
    public long[] all() {
        long[] bits = new long[(processors + 63) / 64];
        for (int cpu = 0; cpu < processors; cpu++) {
            bits[cpu / 64] |= 1L << cpu % 64;
        }
        return bits;
    }

    /** The processors of a mask as ranges, such as {@code 0,2-3}. */
    String list(long[] bits) {
        StringBuilder text = new StringBuilder();
        int cpu = 0;
        while (cpu < processors) {
            if (!has(bits, cpu)) {
                cpu++;
                continue;
            }
            int first = cpu;
            while (cpu < processors && has(bits, cpu)) {
                cpu++;
            }
            text.append(text.isEmpty() ? "" : ",").append(first);
            text.append(cpu - 1 > first ? "-" + (cpu - 1) : "");
        }
        return text.toString();
    }

    private static boolean has(long[] bits, int cpu) {
        return bits.length > cpu / 64 && (bits[cpu / 64] >>> cpu % 64 & 1) != 0;
    }
}
