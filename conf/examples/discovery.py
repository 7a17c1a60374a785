#!/usr/bin/env python3
"""discovery: prints the other sites, and each change of one, until stopped."""
import time

from meshd_client import get

known = {}
while True:
    for peer in get("/peers")["items"]:
        if known.get(peer["key"]) != peer["state"]:
            known[peer["key"]] = peer["state"]
            print(f"{peer.get('name', peer['key'][:8])} is {peer['state']}", flush=True)
    time.sleep(1)
