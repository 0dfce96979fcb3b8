package dev.runsc.tidy;

/**
 * One broken rule.
 *
 * @param path of the file, from the root of the checkout
 * @param line counted from 1; 0 when the whole file is meant
 * @param rule its short name
 * @param subject what the ratchet counts by: the file, or the method in it; no spaces
 * @param weight what the ratchet adds up for a subject: 1, or the length for rules about length
 * @param message what is wrong and what is wanted
 */
record Finding(String path, int line, String rule, String subject, int weight, String message) {
    static Finding of(SourceFile file, int line, String rule, String message) {
        return new Finding(file.path(), line, rule, file.path(), 1, message);
    }

    /** What the ratchet knows the finding by. */
    String key() {
        return rule + " " + subject;
    }

    @Override
    public String toString() {
        return path + ":" + line + ": " + rule + ": " + message;
    }
}
