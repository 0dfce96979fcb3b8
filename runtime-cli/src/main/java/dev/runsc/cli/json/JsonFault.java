package dev.runsc.cli.json;

/** A document that is not what it should be; the message says where, in one line. */
public final class JsonFault extends Exception {
    private static final long serialVersionUID = 1L;

    JsonFault(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "invalid JSON" : message;
    }
}
