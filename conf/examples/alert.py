#!/usr/bin/env python3
"""alert: raises one at all sites (alert.py KIND TEXT), waits until it comes back as news, and resolves it."""
import sys

from meshd_client import App, plain

app, (kind, text) = App("alert.py"), sys.argv[1:]
about = {"kind": kind, "subject": {"type": "site", "id": "alert.py"}}
for alert in app.alerts(f'kind="{kind}"'):
    if alert is None:
        app.do("raise", text=text, severity="high", state="firing", **about)
    elif alert["state"] == "firing":
        print(f"{alert['severity']}: {plain(alert['text'])} (from {alert['site']})")
        app.do("resolve", **about)
    else:
        print(f"{kind} is {alert['state']}")
        break
