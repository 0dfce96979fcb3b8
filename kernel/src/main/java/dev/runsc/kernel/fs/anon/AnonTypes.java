package dev.runsc.kernel.fs.anon;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class AnonTypes {
    private AnonTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("anon.Epoll.Interest", 1, Epoll.Interest.class);
        types.type("anon.Epoll.Key", 1, Epoll.Key.class);
        types.type("anon.Epoll.ReadyList", 1, Epoll.ReadyList.class);
        types.type("anon.Epoll", 1, Epoll.class);
        types.type("anon.EventFd", 1, EventFd.class);
        types.type("anon.Inotify.Event", 1, Inotify.Event.class);
        types.type("anon.Inotify", 1, Inotify.class);
        types.type("anon.InotifyWatch", 1, InotifyWatch.class);
        types.type("anon.TimerFd", 1, TimerFd.class);
    }
}
