package dev.runsc.kernel.fs.proc;

import dev.runsc.kernel.fs.synthetic.FixedText;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;

/** {@code /proc/net}: the headings of tables that have no rows. */
final class NetworkFiles {
    private static final String DEV =
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls \
            carrier compressed
                lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0\
                   0          0
            """;

    private static final String TCP =
            pad(
                    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
                    149);

    private static final String DATAGRAM =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer"
                    + " drops";

    private static final String TCP6 =
            "  sl  local_address                         remote_address                        st tx_queue rx_queue tr"
                    + " tm->when retrnsmt   uid  timeout inode\n";

    private static final String UDP6 =
            "  sl  local_address                         remote_address                        st tx_queue rx_queue tr"
                    + " tm->when retrnsmt   uid  timeout inode ref pointer drops\n";

    private static final String ROUTE =
            pad(
                    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
                    127);

    private static final String LOOPBACK6 =
            "00000000000000000000000000000001 01 80 10 80       lo\n";

    private NetworkFiles() {}

    private static String pad(String line, int width) {
        return line + " ".repeat(Math.max(0, width - line.length())) + "\n";
    }

    private static SyntheticFile file(ProcFileSystem proc, String text) {
        return new SyntheticFile(proc, 0444, new FixedText(text));
    }

    static SyntheticFile empty(ProcFileSystem proc) {
        return file(proc, "");
    }

    static SyntheticDirectory directory(ProcFileSystem proc) {
        SyntheticDirectory net = new SyntheticDirectory(proc);
        net.add(
                "arp",
                file(
                        proc,
                        "IP address       HW type     Flags       HW address            Mask     Device\n"));
        net.add("dev", file(proc, DEV));
        net.add("if_inet6", file(proc, LOOPBACK6));
        net.add("ipv6_route", file(proc, ""));
        net.add(
                "netlink",
                file(
                        proc,
                        "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"));
        net.add("netstat", file(proc, "TcpExt:\nTcpExt:\nIpExt:\nIpExt:\n"));
        net.add(
                "packet",
                file(proc, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"));
        net.add(
                "protocols",
                file(
                        proc,
                        "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re bi br ha uh gp em\n"));
        net.add("psched", file(proc, "000003e8 00000040 000f4240 3b9aca00\n"));
        net.add("ptype", file(proc, "Type Device      Function\n"));
        net.add("raw", file(proc, DATAGRAM + "\n"));
        net.add("route", file(proc, ROUTE));
        net.add("snmp", file(proc, ""));
        net.add(
                "sockstat",
                file(
                        proc,
                        "sockets: used 0\nTCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0\nUDP: inuse 0 mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n"));
        net.add("tcp", file(proc, TCP));
        net.add("tcp6", file(proc, TCP6));
        net.add("udp", file(proc, pad(" " + DATAGRAM, 127)));
        net.add("udp6", file(proc, UDP6));
        net.add("unix", file(proc, "Num       RefCount Protocol Flags    Type St Inode Path\n"));
        return net;
    }
}
