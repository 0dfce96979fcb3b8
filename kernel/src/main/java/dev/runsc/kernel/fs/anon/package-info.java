/**
 * Open files without a name: eventfd, timerfd, signalfd and epoll. Each saves its own value; an
 * epoll instance saves its interests and finds out anew which are ready. Their wait queues hold
 * nobody at a freeze.
 */
package dev.runsc.kernel.fs.anon;
