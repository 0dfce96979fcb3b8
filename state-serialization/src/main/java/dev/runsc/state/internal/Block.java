package dev.runsc.state.internal;

import java.util.zip.CRC32C;

/**
 * Some objects of one stream, in id order.
 *
 * @param firstId id of the first object
 * @param count number of objects; in the object stream their ids have no gaps
 */
public record Block(Stage stage, int firstId, int count, byte[] bytes) {
    int checksum() {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, bytes.length);
        return (int) sum.getValue();
    }
}
