"""Builds a heap of about 80 MB, says so, and then says every five milliseconds that it is alive."""

import time

heap = [{"id": i, "name": f"entry {i}"} for i in range(230_000)]
print("ready", flush=True)
while True:
    time.sleep(0.005)
    print(heap[0]["name"], flush=True)
