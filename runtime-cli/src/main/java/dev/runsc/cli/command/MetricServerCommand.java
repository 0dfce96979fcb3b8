package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.PidFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * {@code metric-server}: serves the numbers of all sandboxes of a root directory over HTTP, on a
 * unix socket or a loopback address.
 */
final class MetricServerCommand implements Command {
    private static final int REQUEST_BYTES_MAX = 8 << 10;
    private static final int CLIENT_SECONDS = 30;
    private static final int THREADS = 4;
    private static final int PORT_MAX = 65535;

    /** What a query says which metrics of sandboxes are wanted by. */
    private static final String FILTER = "runsc-sandbox-metrics-filter=";

    @Override
    public void declare(Options options) {
        options.about(
                "Serves the numbers of all sandboxes as Prometheus takes them: GET /metrics.");
        options.value(
                "ADDRESS",
                "where: path of a unix socket, or a loopback address and a port",
                "--metric-server",
                "--address");
        options.value("TEXT", "what names begin with (default: runsc_)", "--exporter-prefix");
        options.value("FILE", "write the pid of this command there once it listens", "--pid-file");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 0, "");
        String text = arguments.text("--metric-server", "");
        if (text.isEmpty()) {
            throw new Failure("runsc metric-server: --metric-server is required");
        }
        String prefix = arguments.text("--exporter-prefix", Metrics.PREFIX);
        // A wrong prefix is told now, not to each who asks.
        new Metrics(prefix, "");
        Containers containers = new Containers(config.root());
        SocketAddress address = address(text);
        try (ServerSocketChannel server = listen(address)) {
            Path pidFile = arguments.findPath("--pid-file");
            if (pidFile != null) {
                PidFile.write(pidFile, (int) ProcessHandle.current().pid());
            }
            serve(server, containers, prefix);
            return 0;
        } catch (IOException e) {
            throw new Failure("serving on " + text + ": " + Failure.reason(e), e);
        }
    }

    /** A path with a slash, or host and port; another host than this is refused. */
    static SocketAddress address(String text) throws Failure {
        if (text.contains("/")) {
            return UnixDomainSocketAddress.of(Path.of(text).toAbsolutePath());
        }
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = colon <= 0 ? "127.0.0.1" : text.substring(0, colon);
            boolean literal = host.startsWith("[") || Character.isDigit(host.charAt(0));
            if (port < 0 || port > PORT_MAX || !literal && !host.equals("localhost")) {
                throw new Failure("invalid address \"" + text + "\"");
            }
            InetAddress found = InetAddress.getByName(host);
            if (!found.isLoopbackAddress()) {
                throw new Failure("address \"" + text + "\" is not a loopback address");
            }
            return new InetSocketAddress(found, port);
        } catch (NumberFormatException | IOException e) {
            throw new Failure("invalid address \"" + text + "\"", e);
        }
    }

    private static ServerSocketChannel listen(SocketAddress address) throws IOException {
        if (!(address instanceof UnixDomainSocketAddress unix)) {
            return ServerSocketChannel.open().bind(address);
        }
        Files.deleteIfExists(unix.getPath());
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean good = false;
        try {
            server.bind(address);
            Files.setPosixFilePermissions(
                    unix.getPath(), PosixFilePermissions.fromString("rw-------"));
            good = true;
            return server;
        } finally {
            if (!good) {
                server.close();
            }
        }
    }

    private static void serve(ServerSocketChannel server, Containers containers, String prefix)
            throws IOException {
        try (ExecutorService workers = Executors.newFixedThreadPool(THREADS);
                ScheduledExecutorService limits = Executors.newSingleThreadScheduledExecutor()) {
            while (true) {
                SocketChannel client = server.accept();
                workers.execute(() -> {
                    ScheduledFuture<?> limit =
                            limits.schedule(() -> close(client), CLIENT_SECONDS, TimeUnit.SECONDS);
                    answer(client, containers, prefix);
                    limit.cancel(false);
                });
            }
        }
    }

    /** From another thread: who reads or writes it finds out. */
    private static void close(SocketChannel client) {
        try {
            client.close();
        } catch (IOException e) {
            DebugLog.write("metrics: " + Failure.reason(e));
        }
    }

    private static void answer(SocketChannel client, Containers containers, String prefix) {
        try (client) {
            String request = readRequest(client);
            String[] words = request.lines().findFirst().orElse("").split(" ", -1);
            if (words.length < 2 || !words[0].equals("GET")) {
                send(client, "405 Method Not Allowed", "only GET\n");
            } else if (words[1].equals("/metrics") || words[1].startsWith("/metrics?")) {
                answer(client, containers, prefix, filter(words[1]));
            } else {
                send(client, "404 Not Found", "see /metrics\n");
            }
        } catch (IOException | Failure e) {
            DebugLog.write("metrics: " + Failure.reason(e));
        }
    }

    private static void answer(
            SocketChannel client, Containers containers, String prefix, String filter)
            throws IOException, Failure {
        Metrics metrics;
        try {
            metrics = new Metrics(prefix, filter);
        } catch (Failure e) {
            send(client, "400 Bad Request", e.getMessage() + "\n");
            return;
        }
        send(client, "200 OK", collect(containers, metrics));
    }

    /** The regular expression in the query of a request; empty for none. */
    private static String filter(String target) {
        for (String pair : target.substring(target.indexOf('?') + 1).split("&")) {
            if (pair.startsWith(FILTER)) {
                String value = pair.substring(FILTER.length());
                try {
                    return URLDecoder.decode(value, StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    return value;
                }
            }
        }
        return "";
    }

    /** The head of a request, which alone is of interest. */
    private static String readRequest(SocketChannel client) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(REQUEST_BYTES_MAX);
        String text = "";
        while (bytes.hasRemaining() && client.read(bytes) > 0) {
            text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
            if (text.contains("\r\n\r\n") || text.contains("\n\n")) {
                break;
            }
        }
        return text;
    }

    private static void send(SocketChannel client, String status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 "
                        + status
                        + "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8"
                        + "\r\nContent-Length: "
                        + bytes.length
                        + "\r\nConnection: close\r\n\r\n";
        ByteBuffer[] all = {
            ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1)), ByteBuffer.wrap(bytes)
        };
        while (all[1].hasRemaining()) {
            client.write(all);
        }
    }

    /** The numbers of every sandbox that answers. */
    static String collect(Containers containers, Metrics metrics) throws Failure {
        int sandboxes = 0;
        int silent = 0;
        for (String id : containers.directory().list()) {
            try {
                ContainerState state = containers.directory().read(id);
                if (state.isSubcontainer() || !state.sandbox().process().isAlive()) {
                    continue;
                }
                sandboxes++;
                metrics.add(state);
            } catch (Failure e) {
                // One that ends at this moment must not hide all others.
                silent++;
                DebugLog.write("metrics of " + id + ": " + e.getMessage());
            }
        }
        metrics.add("sandboxes", "gauge", "sandboxes that run", String.valueOf(sandboxes));
        metrics.add(
                "sandboxes_silent", "gauge", "those that did not answer", String.valueOf(silent));
        return metrics.text();
    }
}
