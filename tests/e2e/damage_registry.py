"""Damage to the registry, to states and to the lists in a site's database file, down and running: found, repaired from the
neighbour, and the log says what.

Down: records changed, deleted, pointed at another's embedding; embeddings flipped and lost; proofs of batches flipped; counts
and sums falsified; rows of lists changed, deleted and made up. Running: the same kinds by another program. Afterwards all that
both sites list is byte for byte as before, with every embedding, and the other site never asked for anything."""
import json
import random
import sqlite3
import struct

from own_log import met, say, wait_keys
from world import ROUNDS_S, World, program, sh, wait_until

ENTRIES, KEYS = 300, 40


def import_entries(site, folder):
    random.seed(site.name)
    path = folder / f"{site.name}.jsonl"
    with open(path, "w") as file:
        for n in range(ENTRIES):
            numbers = struct.pack("<16f", *(random.uniform(-1, 1) for _ in range(16))).hex()
            file.write(json.dumps({"hash": f"{site.name.encode().hex()}{n:06x}", "type": ("face", "bag")[n % 2], "dtype": "f32",
                                   "embedding": numbers, "metadata": {"n": n, "confidence": 0.5}}) + "\n")
    sh(*site.command(program("meshctl"), "--socket", str(site.socket), "--timeout", "30s", "registry", "import", str(path)))


def listed(site):
    """All that is shown, as it is written; what meshd itself says of its run apart."""
    states = [s for s in site.every("state", "list") if s["key"].startswith("user/")]
    alerts = [x for x in site.every("alert", "list") if x["kind"].startswith("test.")]
    return [json.dumps(items, sort_keys=True) for items in (
        site.every("registry", "list", "--embeddings"), states, sorted(alerts, key=lambda x: x["id"]))]


def logs(db, lane, least):
    return [log for log, in db.execute(
        "SELECT log FROM record WHERE lane=? AND type=1 GROUP BY log HAVING count(*)>=?", (lane, least))]


def flip(db, table, column, rowid, at):
    blob = bytearray(db.execute(f"SELECT {column} FROM {table} WHERE id=?", (rowid,)).fetchone()[0])
    blob[at] ^= 1
    db.execute(f"UPDATE {table} SET {column}=? WHERE id=?", (bytes(blob), rowid))


def harm_records(db, log, first):
    """Of the registry log: six kinds of damage to its rows."""
    ids = [i for i, in db.execute("SELECT id FROM record WHERE log=? AND type=1 ORDER BY seq", (log,))][first:]
    flip(db, "record", "core", ids[0], -3)
    flip(db, "record", "core", ids[1], 0)
    db.execute("DELETE FROM record WHERE id IN (?,?,?)", ids[2:5])
    db.execute("UPDATE record SET vector=(SELECT vector FROM record WHERE id=?) WHERE id=?", (ids[6], ids[7]))
    db.execute("UPDATE record SET subject=x'ffff' WHERE id=?", (ids[8],))
    db.execute("UPDATE record SET core=x'' WHERE id=?", (ids[9],))


def harm_vectors(db):
    blocks = [i for i, in db.execute("SELECT id FROM vector_block ORDER BY id")]
    for at in (0, 64 * 20 + 5):
        flip(db, "vector_block", "data", blocks[0], at)
    if len(blocks) > 1:
        db.execute("DELETE FROM vector_block WHERE id=?", (blocks[-1],))


def harm_counts(db):
    assert db.execute("UPDATE holding SET count=count+1 WHERE lane=6").rowcount == 2
    db.execute("UPDATE holding SET sum=zeroblob(32) WHERE lane=3")


def harm_lists(db):
    for sql in ("UPDATE entry SET time_ms=time_ms+1000 WHERE id%7=0", "UPDATE entry SET expires_ms=1 WHERE id%11=0",
                "DELETE FROM entry WHERE id%13=0",
                "UPDATE entry SET kind=(SELECT max(id) FROM entry_kind) WHERE id%17=0",
                "INSERT INTO entry(id,log,kind,time_ms) SELECT max(id)+1000,min(log),1,5 FROM entry",
                "UPDATE state SET time_ms=7 WHERE id%5=0", "DELETE FROM state WHERE id%6=0",
                "UPDATE alert SET extra=1-extra", "UPDATE alert SET time_ms=time_ms-5"):
        assert db.execute(sql).rowcount > 0, sql


def harm(site, *how):
    db = sqlite3.connect(f"{site.state}/meshd.db", timeout=20)
    with db:
        for one in how:
            one(db)
    db.close()


def told(site, since, *words):
    """Of one kind twenty lines at once are written, and then one a second."""
    lines = [line for line in site.log()[since:].splitlines() if "store.damaged" in line]
    return all(any(word in line for line in lines) for word in words)


def main():
    with World(net=True) as world:
        a, b = met(world, "a", "b")
        for site in (a, b):
            import_entries(site, world.dir)
            say(site, 0, KEYS)
            site.ctl("alert", "raise", f"test.{site.name}", "by hand")
        wait_keys(b, "a", 0, KEYS)
        wait_keys(a, "b", 0, KEYS)
        right = listed(a)
        wait_until("both have the same", lambda: len(json.loads(listed(b)[0])) == 2 * ENTRIES and listed(a) == listed(b), 60, 0.5)
        right = listed(b)

        b.stop()
        since = len(b.log())

        def all_records(db):
            for lane in (6, 3):
                found = logs(db, lane, KEYS)
                assert len(found) == 2, found
                for log in found:
                    if lane == 6:
                        harm_records(db, log, 20)
                    else:
                        db.execute("UPDATE record SET core=x'93' WHERE log=? AND type=1 AND seq%9=0", (log,))
            for batch, in db.execute("SELECT id FROM batch ORDER BY id LIMIT 2").fetchall():
                flip(db, "batch", "proof", batch, -1)
        harm(b, all_records, harm_vectors, harm_counts, harm_lists)
        b.start()
        wait_until("all is right again", lambda: listed(b) == right, ROUNDS_S, 0.5)
        wait_until("the log says what", lambda: told(
            b, since, "record=state/", "record=registry/", "did not read back", "rows were lost"), 60)
        assert listed(a) == right

        # Of so many records that the log had no room for a word of the lists; so once more, of them alone.
        b.stop()
        since = len(b.log())
        harm(b, harm_lists)
        b.start()
        wait_until("the lists are right again", lambda: listed(b) == right, ROUNDS_S, 0.5)
        wait_until("the log says of which", lambda: told(b, since, "view=entry ", "view=state ", "view=alert "), 60)

        since = len(b.log())
        harm(b, lambda db: harm_records(db, logs(db, 6, KEYS)[0], 60), harm_vectors, harm_lists)
        wait_until("and while it runs", lambda: listed(b) == right and told(
            b, since, "did not read back", "view=entry "), 240, 1)
        assert listed(a) == right
        assert a.counter("sync.sketch") == 0 and a.counter("store.records.unreadable") in (0, None)
        a.ctl("registry", "remove", f"{'a'.encode().hex()}000001")
        b.ctl("registry", "remove", f"{'b'.encode().hex()}000001")
        wait_until("and both write on", lambda: len(json.loads(listed(a)[0])) == 2 * ENTRIES - 2 and listed(a) == listed(b), 60, 0.5)


main()
