package dev.runsc.gofer.client;

import dev.runsc.gofer.protocol.Reply;
import java.util.List;

/**
 * How far a walk came.
 *
 * @param end why it ended
 * @param nodes one for each name found; their numbers are 0 when only attributes were asked for
 * @param linkTarget where the last of them points if it is a symbolic link, else empty; a byte text
 */
public record WalkResult(Reply.WalkEnd end, List<Reply.Node> nodes, String linkTarget) {}
