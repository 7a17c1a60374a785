#!/usr/bin/env python3
"""state: sets a value of this site (state.py KEY VALUE) and prints what every site says under that key."""
import sys

from meshd_client import App, get, plain

key, value = sys.argv[1:]
App("state.py").do("state", key=key, value=value)
for state in get("/state", filter=f'key="user/{key}"')["items"]:
    print(f"{state['site']}: {key} = {plain(state['value'])}")
