"""Damage done to a site's database file is found and repaired from its neighbour, and the log says what.

While the site is down rows of its neighbour's states and packets are changed, emptied and deleted, and of its own, too.
After its start all of them are back, byte for byte what was signed, and both sites have the same.

Then it is the lists made of them: an entry and an alert are deleted, a state shows another one's value, a node was heard that never
was."""
import sqlite3

from own_log import keys, met, say, wait_keys
from world import ROUNDS_S, World, wait_until

KEYS = 60


def cores(site):
    """(origin, lane, seq): the record as it was signed, without the proof around it, which is cut anew."""
    with sqlite3.connect(f"file:{site.state}/meshd.db?mode=ro", uri=True) as db:
        rows = db.execute("SELECT hex(origin), record.lane, seq, core FROM record JOIN log ON log.id=record.log"
                          " WHERE dead=0 AND record.lane IN (3, 4) AND type<3")
        return {(origin, lane, seq): bytes(bundle)[-40:] for origin, lane, seq, bundle in rows}


def harm(db, log):
    """Of the states in that log; how many."""
    seqs = [seq for seq, in db.execute("SELECT seq FROM record WHERE log=? AND type=1 ORDER BY seq", (log,))]
    changed, emptied, deleted = seqs[3], seqs[10:13], seqs[20:50:2]
    bundle = bytearray(db.execute("SELECT core FROM record WHERE log=? AND seq=?", (log, changed)).fetchone()[0])
    bundle[-3] ^= 1
    db.execute("UPDATE record SET core=? WHERE log=? AND seq=?", (bytes(bundle), log, changed))
    for seq in emptied:
        db.execute("UPDATE record SET core=x'00' WHERE log=? AND seq=?", (log, seq))
    for seq in deleted:
        db.execute("DELETE FROM record WHERE log=? AND seq=?", (log, seq))
    return 1 + len(emptied) + len(deleted)


def listed(site):
    """What the three lists show."""
    return ({key: value for key, value in keys(site, "b").items() if key.startswith("user/")},
            [x["hash"] for x in site.every("registry", "list")],
            sorted(x["kind"] for x in site.every("alert", "list") if x["kind"].startswith("test.")))


def harm_views(db):
    states = f"(SELECT id FROM record WHERE lane=3 AND subject=CAST('%s' AS BLOB) AND log={own_states(db)})"
    heard = f"INSERT INTO hearing SELECT x'0299999999',origin,x'00112233445566778899' FROM log WHERE id={own_states(db)}"
    for sql in (heard, f"UPDATE state SET extra={states % 'user/k7'} WHERE extra={states % 'user/k5'}", "DELETE FROM entry", "DELETE FROM alert"):
        assert db.execute(sql).rowcount > 0, sql


def own_states(db):
    return db.execute("SELECT log FROM record WHERE lane=3 AND subject=CAST(? AS BLOB)", (f"user/k{KEYS + 2}",)).fetchone()[0]


def views(b):
    b.ctl("registry", "add", "aa01", "--type", "face")
    b.ctl("alert", "raise", "test.raised", "by hand")
    wait_until("all is listed", lambda: listed(b)[1:] == (["aa01"], ["test.raised"]))
    right = listed(b)
    assert right[0]["user/k5"] == 5, right
    b.stop()
    told = len(b.log())
    with sqlite3.connect(f"{b.state}/meshd.db") as db:
        harm_views(db)
    db.close()
    b.start()
    wait_until("the lists are right again", lambda: listed(b) == right, ROUNDS_S, 0.5)
    for view in ("entry", "state", "alert", "node"):
        wait_until(f"the log says so of {view}", lambda: any(
            "store.damaged" in line and f"view={view} " in line for line in b.log()[told:].splitlines()), 30)


def main():
    with World(net=True) as world:
        a, b = met(world, "a", "b")
        say(a, 0, KEYS)
        say(b, 0, KEYS)
        wait_keys(b, "a", 0, KEYS)
        wait_keys(a, "b", 0, KEYS)
        wait_until("both have the same", lambda: cores(a) == cores(b), 30, 0.5)
        b.stop()
        with sqlite3.connect(f"{b.state}/meshd.db") as db:
            logs = [log for log, in db.execute("SELECT log FROM record WHERE lane=3 GROUP BY log HAVING count(*)>=?", (KEYS,))]
            assert len(logs) == 2 and [harm(db, log) for log in logs] == [19, 19]
        db.close()
        b.start()
        wait_keys(b, "a", 0, KEYS)
        wait_keys(b, "b", 0, KEYS)
        wait_until("both have the same again", lambda: cores(a) == cores(b), ROUNDS_S, 0.5)
        for word in ("did not read back", "no row"):
            wait_until(f"the log says {word}", lambda w=word: w in b.log())
        wait_until("of each", lambda: b.log().count("store.damaged") >= 8)
        wait_until("it has asked", lambda: b.counter("sync.sketch") >= 1)
        assert a.counter("sync.sketch") == 0
        say(b, KEYS, KEYS + 3)  # it writes on, and says what it has
        wait_keys(a, "b", 0, KEYS + 3)
        wait_until("its checkpoint is right", lambda: a.counter("sync.checkpoint_ok") > 0, 30)
        assert a.counter("sync.checkpoint_bad") == 0
        assert keys(a, "b") == keys(b, "b")
        views(b)


if __name__ == "__main__":
    main()
