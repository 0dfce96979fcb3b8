package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct ucred} of SCM_CREDENTIALS and SO_PEERCRED. */
public record Ucred(int pid, int uid, int gid) implements AbiStruct {
    public static final int BYTES = 12;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Ucred readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int pid = in.getInt();
        int uid = in.getInt();
        int gid = in.getInt();
        return new Ucred(pid, uid, gid);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putInt(pid);
        out.putInt(uid);
        out.putInt(gid);
    }
}
