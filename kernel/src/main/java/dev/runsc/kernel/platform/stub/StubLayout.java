package dev.runsc.kernel.platform.stub;

/**
 * Addresses, the control file and the messages of {@code stub.h}; a test compares every constant
 * with the header.
 */
final class StubLayout {
    static final long STUB_BASE = 0x7ffe_0000_0000L;
    static final long STUB_TEXT_SIZE = 0x10_0000;
    static final long STUB_RING = 0x7ffe_0040_0000L;
    static final long STUB_REPLY = 0x7ffe_0041_0000L;
    static final int STUB_REPLY_SIZE = 0x1000;
    static final long STUB_SLOTS = 0x7fff_0000_0000L;
    static final int STUB_SLOT_SIZE = 0x1_0000;
    static final int STUB_SLOT_COUNT = 0x8000;
    static final long STUB_CALL_POINTER = 0x7ffe_0040_0040L;
    static final long STUB_SLOW_ENTRY = 0x7ffe_0000_0010L;
    static final long STUB_FAST_ENTRY = 0x7ffe_0000_0040L;

    static final int CONTROL_BLOCK_SIZE = 0x4000;
    static final int CONTROL_BLOCK_COUNT = 0x8000;
    static final int CONTROL_REPLY_OFFSET = 0x2000;
    static final long CONTROL_SLOTS_OFFSET = 0x4000_0000;
    static final long CONTROL_SIZE = 0xc000_0000L;

    static final int STUB_FD_SOCKET = 3;
    static final int STUB_FD_MEMORY = 4;
    static final int STUB_FD_CONTROL = 5;

    static final int STUB_KICK_SIGNAL = 10;

    static final int STUB_PROTOCOL = 1;
    static final int OP_HELLO = 1;
    static final int OP_FORK = 2;
    static final int OP_ADD_FD = 3;
    static final int OP_CLOSE_FD = 4;
    static final int STUB_FEATURE_FSGSBASE = 1;
    static final int STUB_FEATURE_FAST_ENTRY = 2;
    static final int XSAVE_COMPONENTS = 20;

    /** struct stub_message: int op, int result, long value. */
    static final long MESSAGE_OP = 0;

    static final long MESSAGE_RESULT = 4;
    static final long MESSAGE_VALUE = 8;
    static final long MESSAGE_SIZE = 16;

    /** struct stub_hello. */
    static final long HELLO_PROTOCOL = 8;

    static final long HELLO_FEATURES = 12;
    static final long HELLO_SIGNAL_STACK = 16;
    static final long HELLO_XSAVE_SIZE = 20;
    static final long HELLO_XSAVE_FEATURES = 24;
    static final long HELLO_PAUSE_PICOSECONDS = 32;

    static final long HELLO_COMPONENTS = 40;

    /** struct stub_component. */
    static final long COMPONENT_OFFSET = 0;

    static final long COMPONENT_BYTES = 4;
    static final long COMPONENT_SIZE = 8;
    static final long HELLO_SIZE = HELLO_COMPONENTS + COMPONENT_SIZE * XSAVE_COMPONENTS;

    private StubLayout() {}
}
