#!/usr/bin/env python3
"""search: the entries of a type (search.py TYPE [FILTER]), of all sites, such as `search.py file 'metadata.confidence>0.5'`."""
import sys

from meshd_client import get

query = {"type": sys.argv[1], "filter": sys.argv[2] if len(sys.argv) > 2 else ""}
while True:
    page = get("/registry", **query)
    for entry in page["items"]:
        print(f"{entry['hash'][:16]} at {entry['site']}: {entry.get('metadata')}")
    if not page.get("next"):
        break
    query["after"] = page["next"]
