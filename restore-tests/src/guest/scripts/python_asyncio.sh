# needs: python3
exec /usr/bin/python3 -u - <<'END'
import asyncio, signal, os
async def tick(k):
    for i in range(10):
        await asyncio.sleep(0.01 * k)
    return k
async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper()); await writer.drain()
    writer.close()
async def client(k):
    reader, writer = await asyncio.open_unix_connection("socket")
    total = 0
    for i in range(20):
        writer.write(b"message %d\n" % i); await writer.drain()
        total += len(await reader.readline())
    writer.close()
    return total
async def main():
    server = await asyncio.start_unix_server(serve, "socket")
    reader, writer = await asyncio.open_unix_connection("socket")
    writer.write(b"kept open\n"); await writer.drain()
    ticks = [asyncio.create_task(tick(k)) for k in range(1, 20)]
    process = await asyncio.create_subprocess_exec("middle"); await process.wait()
    print(await reader.readline()); writer.close()
    print(sum(await asyncio.gather(*ticks)))
    print(await asyncio.gather(*(client(k) for k in range(10))))
    try: await asyncio.wait_for(asyncio.sleep(10), 0.05)
    except asyncio.TimeoutError: print("timeout")
    process = await asyncio.create_subprocess_shell("cat; exit 4", stdin=-1, stdout=-1)
    print((await process.communicate(b"in"))[0], process.returncode)
    event = asyncio.Event(); asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, event.set)
    os.kill(os.getpid(), signal.SIGUSR1); await event.wait(); print("signal")
    server.close()
asyncio.run(main())
END
