#!/usr/bin/env python3
"""handlers: a function for each kind of alert; the first pattern that fits is called."""
import fnmatch

from meshd_client import App, plain


def on_peer(alert):
    print(f"the mesh: {alert['kind']} {alert['subject'].get('id', '')}", flush=True)


def on_message(alert):
    print(f"a node says: {plain(alert.get('text', ''))}", flush=True)


def on_other(alert):
    print(f"{alert['kind']} at {alert['site']}: {plain(alert.get('text', ''))}", flush=True)


handlers = {"peer.*": on_peer, "message.*": on_message, "*": on_other}
for alert in App("handlers.py").alerts("severity>=info"):
    if alert is None:
        print("listening", flush=True)
        continue
    next(call for pattern, call in handlers.items() if fnmatch.fnmatch(alert["kind"], pattern))(alert)
