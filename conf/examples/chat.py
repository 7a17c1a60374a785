#!/usr/bin/env python3
"""chat: what is typed here is printed by chat.py at all sites (chat.py ROOM).  Needs no module of ours."""
import json
import os
import select
import socket
import sys

meshd, topic = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), f"app.chat.{sys.argv[1]}"
meshd.bind("")  # an address of the system's choice, to be answered at
meshd.connect(os.environ.get("MESHD_RUN", "/run/meshd") + "/apps.sock")
sources, ready = [meshd, sys.stdin], []
while meshd in sources:
    if meshd not in ready:  # at first, after what was typed, and each minute
        meshd.send(json.dumps({"op": "sub", "topics": [topic], "ttl": 180}).encode())
    ready = select.select(sources, [], [], 60)[0]
    if meshd in ready:
        said = json.loads(meshd.recv(2048))
        if said.get("topic") == topic:
            line = f'{said["item"]["site"]}: {said["item"]["data"]}'
            print("".join(filter(str.isprintable, line)), flush=True)  # others' words may move a cursor
        elif said["op"] == "error":
            print(said["reason"], file=sys.stderr, flush=True)
    if sys.stdin in ready:
        line = sys.stdin.readline()
        if line:
            meshd.send(json.dumps({"op": "publish", "topic": topic, "data": line.strip()}).encode())
        else:
            sources.remove(sys.stdin)
