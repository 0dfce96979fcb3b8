/**
 * What kernel and gofer say to each other: one packet for a request, one for its reply, over a unix
 * socket of type SOCK_SEQPACKET that keeps packets apart.
 *
 * <p>A request packet is {@code u16 operation, u16 zero} and the fields of its record ({@link
 * dev.runsc.gofer.protocol.Request}); a reply packet is {@code s32 errno} and, when that is 0, the
 * fields of its record ({@link dev.runsc.gofer.protocol.Reply}). Numbers are little-endian. A text
 * is {@code u16 length} and its bytes, a list {@code u16 count} and its elements. A descriptor that
 * is donated travels beside the packet of the reply. {@link
 * dev.runsc.gofer.protocol.Request.Release} has no reply.
 *
 * <p>A node is a file system object the server holds open (O_PATH); a handle is one that is open
 * for reading, writing or listing. Both are numbered by the server and never numbered twice.
 *
 * <p>Both sides treat what they read as hostile: {@link dev.runsc.gofer.protocol.MessageReader}
 * checks every length against {@link dev.runsc.gofer.protocol.Limits} before anything is allocated,
 * and names against {@link dev.runsc.gofer.protocol.Names}. Used by client and server; no locks,
 * nothing saved.
 */
@NullMarked
package dev.runsc.gofer.protocol;

import org.jspecify.annotations.NullMarked;
