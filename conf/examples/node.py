#!/usr/bin/env python3
"""node: who this site is, its radios, and what it knows."""
from meshd_client import get

status = get("/status")
print(f"site {status['site']['name']} ({status['site']['key'][:8]}), version {status['site']['version']}")
for radio in status["radios"]:
    print(f"radio {radio['name']}: {radio['state']}")
print(f"peers {status['peers']['alive']} alive of {status['peers']['known']}, "
      f"{status['counts']['nodes']} nodes, {status['counts']['packets']} packets")
