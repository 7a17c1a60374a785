"""50 times kill -9 under load: whatever a GET returned or was answered `ok` is still there, and new packets
arrive.  The load is a simulated radio with short gaps and a client that sets state all the time."""
import sys
import threading

from world import World, figure, wait_until

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
LOAD = ["radio.sim.driver=sim", "radio.sim.sim_interval=20ms", "radio.sim.sim_nodes=60"]


class Promises:
    """What the daemon has said that it has: must never be taken back."""

    def __init__(self):
        self.packets, self.values = set(), {}

    def take(self, site):
        for row in site.every("packet", "list", quiet=True):
            self.packets.add(row["id"])

    def missing(self, site):
        have = {row["id"] for row in site.every("packet", "list")}
        state = {row["key"]: row["value"] for row in site.every("state", "list", site.name)}
        lost = [k for k, v in self.values.items() if state.get(f"user/{k}") != v]
        return sorted(self.packets - have), lost


def setter(site, promises, round_, stop):
    n = 0
    while not stop.is_set():
        key = f"k{round_}.{n}"  # written once: an answer that the kill swallowed promises nothing
        value = round_ * 100000 + n
        if site.ctl("state", "set", key, str(value), quiet=True).get("schema") == "meshd.state/1":
            promises.values[key] = value
        n += 1


def main():
    with World(net=True) as world:
        a, b = world.line("a", "b", settings=LOAD)
        world.start_all(a, b)
        promises = Promises()
        for round_ in range(ROUNDS):
            stop = threading.Event()
            thread = threading.Thread(target=setter, args=(a, promises, round_, stop))
            thread.start()
            known, told = len(promises.packets), len(promises.values)
            wait_until("new packets and answers", lambda: promises.take(a) or (
                len(promises.packets) > known + 10 and len(promises.values) > told + 3), 60)
            a.kill()  # somewhere inside whatever it was doing
            stop.set()
            thread.join()
            a.start()
            lost = promises.missing(a)
            assert lost == ([], []), f"round {round_}: lost {lost}"
        wait_until("the peer sees it alive", lambda: b.peer("a").get("state") == "alive", 20)
        figure("kill_rounds", ROUNDS, "rounds")
        figure("promised_packets_kept", len(promises.packets), "packets")
        figure("promised_values_kept", len(promises.values), "values")


if __name__ == "__main__":
    main()
