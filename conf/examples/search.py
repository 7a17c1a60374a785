#!/usr/bin/env python3
"""search: asks all sites for entries of a type (search.py TYPE [FILTER]), such as `search.py file 'metadata.confidence>0.5'`."""
import sys

from meshd_client import App

wanted = {"type": sys.argv[1], "filter": sys.argv[2] if len(sys.argv) > 2 else ""}
answer = App("search.py").do("search", top=20, budget="2s", **wanted)["answer"]
for hit in answer["items"]:
    print(f"{hit['hash'][:16]} at {hit['site']}: {hit.get('metadata')}")
print(f"{answer['complete']['answered']} of {answer['complete']['known']} sites answered")
