"""The page in real Chromium: sites, radios, nodes, packets and alerts are there; a new alert appears without a
reload; nothing is fetched from anywhere else; a name from the air cannot run script; simulated data is marked."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from world import World, skip, wait_until  # noqa: E402

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1280,900",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
PORT = 14790


class Browser:
    """Chromium by the WebDriver protocol, spoken directly."""

    def __init__(self, world):
        if not shutil.which("chromedriver") or not shutil.which("chromium"):
            skip("chromium and chromedriver are not installed")
        self.driver = subprocess.Popen(["chromedriver", f"--port={PORT}"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        world.others.append(self.driver)
        wait_until("chromedriver answers", self.is_up, 30)
        profile = str(world.dir / "profile")
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": FLAGS + [f"--user-data-dir={profile}"]}}}})
        self.base = f"/session/{answer['sessionId']}"

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)["value"]

    def is_up(self):
        try:
            return self.call("GET", "/status")["ready"]
        except OSError:
            return False

    def open(self, url):
        self.call("POST", f"{self.base}/url", {"url": url})

    def run(self, script):
        return self.call("POST", f"{self.base}/execute/sync", {"script": script, "args": []})

    def text(self, id_):
        return self.run(f"return document.getElementById('{id_}').innerText")

    def log(self):
        return self.call("POST", f"{self.base}/se/log", {"type": "browser"})

    def screenshot(self, path):
        import base64
        path.write_bytes(base64.b64decode(self.call("GET", f"{self.base}/screenshot")))

    def close(self):
        self.call("DELETE", self.base)


def main():
    with World() as world:
        settings = ["mesh.interfaces=127.0.0.{}/8", "mesh.port=14580", "web.listen=127.0.0.{}:14580",
                    "alert.listen=127.0.0.{}:14581", "radio.sim.driver=sim", "radio.sim.sim_interval=300ms"]
        sites = []
        for n in (1, 2, 3):
            sites.append(world.site(f"site{n}", args=["--demo"], settings=[s.format(n) for s in settings]))
        a, b, foreign = sites
        world.start_all(a, b)
        foreign.start()  # founds a network of its own
        wait_until("they see each other", lambda: a.peer("site2").get("state") == "alive", 20)
        browser = Browser(world)
        browser.open("http://127.0.0.1:14580/")
        wait_until("the page is live", lambda: browser.text("live") == "live", 20)
        wait_until("both sites", lambda: {"site1", "site2"} <= set(browser.text("sites").split()))
        wait_until("the radio", lambda: "connected" in browser.text("radios"))
        wait_until("packets", lambda: browser.run("return document.querySelectorAll('#packets tbody tr').length") > 3, 20)
        wait_until("nodes", lambda: browser.run("return document.querySelectorAll('#nodes tbody tr').length") > 2, 20)
        assert browser.run("return !document.getElementById('simulated').hidden"), "simulated data is not marked"
        assert "network-key" in browser.text("network"), browser.text("network")
        a.ctl("invite", "create", "--uses", "3")
        wait_until("the invitation", lambda: "0 of 3" in browser.text("invites"), 20)
        assert "open" in browser.text("invites") and "Ends in" in browser.text("invites"), browser.text("invites")
        wait_until("the stranger", lambda: "another network" in browser.text("strangers"), 30)
        assert foreign.ctl("key", "show")["key"][:8] not in browser.text("sites"), browser.text("sites")
        browser.run("window.mark = 'same page'")
        b.ctl("alert", "raise", "test.page", "<img src=x onerror=\"window.hurt=1\"> from site2", "--severity", "high")
        wait_until("the alert appears by itself", lambda: "from site2" in browser.text("alerts"))
        assert browser.run("return window.mark") == "same page"
        assert browser.run("return window.hurt ?? 0") == 0, "a text from elsewhere ran as script"
        hosts = browser.run("return [...new Set(performance.getEntriesByType('resource').map(e => new URL(e.name).host))]")
        assert set(hosts) <= {"127.0.0.1:14580", ""}, hosts
        severe = [line for line in browser.log() if line["level"] == "SEVERE"]
        assert not severe, severe
        if os.environ.get("MESHD_SCREENSHOT"):
            browser.screenshot(pathlib.Path(os.environ["MESHD_SCREENSHOT"]))
        a.kill()
        wait_until("offline is said", lambda: "offline" in browser.text("live"), 20)
        a.start()
        wait_until("live again", lambda: browser.text("live") == "live", 30)
        browser.close()


if __name__ == "__main__":
    main()
