#!/usr/bin/env python3
"""registry: enters the hash of a file, with an embedding and what is known of it, prints who has it, removes it again."""
import hashlib
import sys

from meshd_client import App, get

app = App("registry.py")
digest = hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()
app.do("add", hash=digest, type="file", embedding=[0.5, -0.25, 1.0], meta={"name": sys.argv[1], "confidence": 0.9}, ttl="1h")
for entry in get(f"/registry/{digest}")["items"]:
    print(f"{entry['site']} has {entry['metadata']['name']} since {entry['time_ms']}, dim {entry['dim']}")
app.do("remove", hash=digest)
