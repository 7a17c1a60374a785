#!/usr/bin/env python3
"""Print every alert of the mesh: subscribe on UDP 127.0.0.1:4471, renew, notice gaps."""
import json
import socket
import sys
import time

address = ("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 4471)
app = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
app.settimeout(5)
renew, last = 0, None
while True:
    if time.monotonic() > renew:
        app.sendto(json.dumps({"op": "sub", "v": 1, "name": "alerts.py", "topics": ["alert"], "ttl": 120}).encode(), address)
        renew = time.monotonic() + 60
    try:
        message = json.loads(app.recv(2048))
    except TimeoutError:
        continue
    if "kind" in message:
        if last is not None and message["seq"] > last + 1:
            print(f"missed {message['seq'] - last - 1} alerts", file=sys.stderr)
        last = message["seq"]
        line = f"{message['severity']}: {message.get('text') or message['kind']} (from {message['site']})"
        print("".join(filter(str.isprintable, line)), flush=True)  # others' words may move a cursor
