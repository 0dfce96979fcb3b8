package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct rusage} (linux/resource.h). */
public record Rusage(
        Timeval userTime,
        Timeval systemTime,
        long maxRssKib,
        long sharedRss,
        long dataRss,
        long stackRss,
        long minorFaults,
        long majorFaults,
        long swaps,
        long blocksIn,
        long blocksOut,
        long messagesSent,
        long messagesReceived,
        long signals,
        long voluntarySwitches,
        long involuntarySwitches)
        implements AbiStruct {
    public static final int BYTES = 144;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Rusage readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        Timeval userTime = Timeval.readFrom(in);
        Timeval systemTime = Timeval.readFrom(in);
        long maxRssKib = in.getLong();
        long sharedRss = in.getLong();
        long dataRss = in.getLong();
        long stackRss = in.getLong();
        long minorFaults = in.getLong();
        long majorFaults = in.getLong();
        long swaps = in.getLong();
        long blocksIn = in.getLong();
        long blocksOut = in.getLong();
        long messagesSent = in.getLong();
        long messagesReceived = in.getLong();
        long signals = in.getLong();
        long voluntarySwitches = in.getLong();
        long involuntarySwitches = in.getLong();
        return new Rusage(
                userTime,
                systemTime,
                maxRssKib,
                sharedRss,
                dataRss,
                stackRss,
                minorFaults,
                majorFaults,
                swaps,
                blocksIn,
                blocksOut,
                messagesSent,
                messagesReceived,
                signals,
                voluntarySwitches,
                involuntarySwitches);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        userTime.writeTo(out);
        systemTime.writeTo(out);
        out.putLong(maxRssKib);
        out.putLong(sharedRss);
        out.putLong(dataRss);
        out.putLong(stackRss);
        out.putLong(minorFaults);
        out.putLong(majorFaults);
        out.putLong(swaps);
        out.putLong(blocksIn);
        out.putLong(blocksOut);
        out.putLong(messagesSent);
        out.putLong(messagesReceived);
        out.putLong(signals);
        out.putLong(voluntarySwitches);
        out.putLong(involuntarySwitches);
    }
}
