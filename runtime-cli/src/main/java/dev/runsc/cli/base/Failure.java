package dev.runsc.cli.base;

/**
 * A failure of ours that the user is told in one line. Commands end with {@link #EXIT_CODE} after
 * it.
 *
 * <p>The message is what is printed and logged: it names the thing that is wrong, not the class
 * that found out.
 */
public final class Failure extends Exception {
    /**
     * The exit code of every failure of ours, usage errors included; the guest's own codes pass
     * through.
     */
    public static final int EXIT_CODE = 128;

    private static final long serialVersionUID = 1L;

    public Failure(String message) {
        super(oneLine(message));
    }

    public Failure(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /**
     * The text of a host error without its Java class name: messages must read like a program's,
     * not a VM's.
     */
    public static String reason(Throwable error) {
        String name = error.getClass().getSimpleName();
        String message = error.getMessage();
        if (message == null) {
            return name;
        }
        return switch (name) {
            case "NoSuchFileException" -> message + ": no such file or directory";
            case "AccessDeniedException" -> message + ": permission denied";
            case "FileAlreadyExistsException" -> message + ": file exists";
            case "NotDirectoryException" -> message + ": not a directory";
            default -> message;
        };
    }

    private static String oneLine(String message) {
        return message.replace('\n', ' ').replace('\r', ' ');
    }

    /** Always there: no constructor leaves it out. */
    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "failure" : message;
    }
}
