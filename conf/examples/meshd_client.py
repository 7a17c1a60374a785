"""The meshd of this machine, from Python: `get` asks its API over the UNIX socket, `do` has something done and `alerts`
listens, by datagram.  MESHD_RUN is meshd's run folder, MESHD_APPS where `[alert] listen` is."""
import http.client
import itertools
import json
import os
import socket
import time
import urllib.parse

RUN = os.environ.get("MESHD_RUN", "/run/meshd")
HOST, _, PORT = os.environ.get("MESHD_APPS", "127.0.0.1:4471").rpartition(":")


class Api(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(f"{RUN}/meshd.sock")


def plain(words):
    """Without what moves a cursor or turns a line around: others' words may have it."""
    return "".join(filter(str.isprintable, str(words)))


def token():
    """What lets a program act; new at each start of meshd."""
    with open(f"{RUN}/apps.token") as file:
        return file.read().strip()


def get(path, **query):
    """GET /api/v1PATH: the object that `meshctl --json` prints, too."""
    api = Api("meshd", timeout=15)
    api.request("GET", f"/api/v1{path}" + ("?" + urllib.parse.urlencode(query) if query else ""))
    answer = api.getresponse()
    said = json.loads(answer.read())
    if answer.status != 200:
        raise RuntimeError(said.get("detail", f"status {answer.status}"))
    return said


class App:
    """One local program: its datagrams, and its numbering of alerts."""

    def __init__(self, name):
        self.name, self.refs, self.waiting = name, itertools.count(1), []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((HOST, int(PORT)))

    def hear(self, seconds):
        self.socket.settimeout(seconds)
        return json.loads(self.socket.recv(65536))

    def do(self, op, each=None, **members):
        """raise, resolve, state, add, remove return when it is stored here, search and get with the `answer`.

        A search hands to `each` what one site has found, as soon as it is known."""
        if each is not None:
            members["early"] = True
        ask = {"op": op, "token": token(), "ref": next(self.refs), **members}
        self.socket.send(json.dumps(ask).encode())
        while True:
            said = self.hear(15)
            if said.get("ref") != ask["ref"]:
                self.waiting.append(said)
            elif said["op"] == "error":
                raise RuntimeError(said["reason"])
            elif said["op"] == "hits":
                each(said["item"])
            else:
                return said

    def whole(self, op, **members):
        """What search or get says, also when it is longer than a datagram: piece by piece, anew should it change."""
        said, tag = b"", None
        while True:
            piece = self.do(op, offset=len(said), **members)
            said, tag = said + piece["text"].encode() if piece["tag"] == tag or not said else b"", piece["tag"]
            if said and len(said) >= piece["total"]:
                return json.loads(said)

    def hear_of(self, topic, filter=""):
        """Datagrams as they come, None when subscribed; renews its subscription."""
        ask = {"op": "sub", "name": self.name, "topics": [topic], "filter": filter, "ttl": 120}
        renew = 0
        while True:
            if time.monotonic() >= renew:
                if topic == "search":  # what others search for is not for everybody
                    ask["token"] = token()
                self.socket.send(json.dumps(ask).encode())
                renew = time.monotonic() + 60
            try:
                said = self.waiting.pop(0) if self.waiting else self.hear(5)
            except TimeoutError:
                continue
            if said.get("op") == "error":
                raise RuntimeError(said["reason"])
            if "topic" in said or said.get("op") == "ok":
                yield said if "topic" in said else None

    def alerts(self, filter=""):
        """Every alert of the mesh; None once: from then on nothing is missed."""
        return self.hear_of("alert", filter)

    def told(self, topic, filter=""):
        """Objects of another topic, as the API writes them."""
        return (said["item"] for said in self.hear_of(topic, filter) if said is not None)
