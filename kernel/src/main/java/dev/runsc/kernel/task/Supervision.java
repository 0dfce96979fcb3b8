package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.InterruptedSyscall.Restart;
import dev.runsc.kernel.sync.Interruptible.Wake;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.task.RunState.CallAsked;
import dev.runsc.kernel.task.RunState.Restarting;
import dev.runsc.kernel.task.seccomp.CallData;
import dev.runsc.kernel.task.seccomp.Notification;
import dev.runsc.kernel.task.seccomp.Notifications;
import dev.runsc.kernel.task.seccomp.Notifications.Answer;
import org.jspecify.annotations.Nullable;

/**
 * Calls that a filter has answered by a supervisor (seccomp_unotify(2); Linux
 * seccomp_do_user_notification). By the thread of the task that makes the call.
 */
final class Supervision {
    private Supervision() {}

    /**
     * Asks; the state in which the task waits, or null when nobody listens.
     *
     * @param answered the tracer has had its say where a filter asks for that
     */
    static @Nullable RunState ask(
            Task task, @Nullable Notifications notifications, CallData call, boolean answered) {
        Notification asked = notifications == null ? null : notifications.ask(task, call);
        return notifications == null || asked == null
                ? null
                : new CallAsked(notifications, asked, answered);
    }

    /**
     * Waits for the answer and does what it says. What cuts the sleep short without a signal leaves
     * the question where it is: a stop, also one for an image.
     *
     * @param call makes the call as it is
     */
    static RunState await(Task task, CallAsked waiting, TracedCalls.Call call) {
        Notifications notifications = waiting.notifications();
        Notification asked = waiting.asked();
        ThreadWaiter waiter = new ThreadWaiter();
        asked.answers().add(waiter, PollEvents.POLLIN);
        try {
            while (!notifications.isAnswered(asked)) {
                boolean signalled = task.isSignalPending() || TracedCalls.wantsTrap(task);
                if (signalled && notifications.withdraw(asked, false)) {
                    return TracedCalls.leave(
                            task, new Restarting(Restart.SYSTEM, waiting.answered()));
                }
                boolean again = notifications.isAnswered(asked);
                if (!again && task.sleep(waiter, Task.FOREVER) == Wake.INTERRUPTED) {
                    return waiting;
                }
            }
        } finally {
            asked.answers().remove(waiter);
        }
        Answer answer = notifications.takeAnswer(asked);
        if (answer.goesOn()) {
            return TracedCalls.leave(task, call.run(waiting.answered()));
        }
        task.context().setRegister(Register.RAX, answer.result());
        return RunState.CALL_DONE;
    }
}
