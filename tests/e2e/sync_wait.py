"""`registry sync --wait` ends when every direct peer has said what it holds, and nothing of it is lacked, twice: a peer
that was not yet compared is not level, nor is a site whose neighbours do not answer.  Against answers of a daemon that are written here, one a request."""
import http.server
import json
import pathlib
import socketserver
import tempfile
import threading

from world import program, sh

ALIVE = {"key": "aa", "state": "alive", "direct": True}
LEVEL, BEHIND = {**ALIVE, "behind": 0, "ahead": 7}, {**ALIVE, "behind": 3, "ahead": 0}
FAR, DEAD = {"key": "bb", "state": "alive", "direct": False}, {"key": "cc", "state": "dead", "direct": False}


class Daemon(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def asked(path, answers, timeout, *more):
    """meshctl's end, and how many answers it took; the last one stays."""
    left, taken = list(answers), []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            taken.append(left[0] if len(left) == 1 else left.pop(0))
            body = json.dumps({"items": taken[-1]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

        def address_string(self):
            return "unix"

    path.unlink(missing_ok=True)
    with Daemon(str(path), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = sh(program("meshctl"), "--socket", str(path), "--timeout", timeout, "registry", "sync", *more, check=False)
        server.shutdown()
    return done, len(taken)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "sock"
        level, late, behind = [LEVEL, FAR, DEAD], [LEVEL, ALIVE, FAR], [LEVEL, BEHIND]
        for answers, requests in (([level], 2), ([late, late, level], 4), ([behind, level], 3),
                                  ([level, late, level], 4), ([[FAR, DEAD], [], level], 4), ([late, behind, level, behind, level], 6)):
            done, taken = asked(path, answers, "60s", "--wait")
            assert done.returncode == 0 and taken == requests, (answers, taken, done)
            assert done.stdout == "behind: 0 records\n", done
        done, _ = asked(path, [late], "3s", "--wait")
        assert done.returncode == 6 and "1 peers are not compared yet" in done.stderr, done
        done, _ = asked(path, [behind], "3s", "--wait")
        assert done.returncode == 6 and "behind: 3 records after" in done.stderr, done
        for nobody in ([], [FAR, DEAD]):
            done, _ = asked(path, [nobody], "3s", "--wait")
            assert done.returncode == 6 and "still no neighbour answers after" in done.stderr and done.stdout == "", done
            done, _ = asked(path, [nobody], "60s")
            assert done.returncode == 0 and done.stdout == "no neighbour answers\n", done
        for answer, code, level_said, numbers in ((level, 0, True, (1, 0, 0)), (behind, 6, False, (2, 3, 0)),
                                                  (late, 6, False, (2, 0, 1)), ([], 6, False, (0, 0, 0))):
            done, _ = asked(path, [answer], "3s", "--wait", "--json")
            said = dict(zip(("neighbours", "behind", "not_compared"), numbers))
            assert done.returncode == code, done
            assert json.loads(done.stdout) == {"schema": "meshd.sync/1", "level": level_said, **said}, done


if __name__ == "__main__":
    main()
