#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bulk delivery next to a peer and to the floor of the same disk, in the same run.

    tests/bench/bulk.py BUILD CACHE [RESPONSES] [ROUNDS]

CACHE keeps the laptop with its responses, which take minutes to make, and the peer (PouchDB and express-pouchdb from
npm; without npm its line says so). The floor is the same submissions inserted into plain SQLite, 500 a durable
transaction, once for each end.
"""
import os, pathlib, shutil, signal, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "acceptance"))
from programs import PASSPHRASE, Central, Laptop, find_questionnaire, make_records, run

PACKAGES = ("pouchdb@9.0.0", "express-pouchdb@4.2.0", "express@4.22.3")
BATCHES = (100, 500, 1000)


def prepare(build, home, n):
    """The central and the laptop before the delivery. In memory at first: it is the processor's work."""
    if (home / "ready").exists():
        return
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    print(f"  (making {n} responses once, which takes minutes)", file=sys.stderr)
    fast = pathlib.Path(tempfile.mkdtemp(prefix="plaza-bulk-", dir="/dev/shm"))
    passphrase = fast / "phrase.txt"
    passphrase.write_text(PASSPHRASE + "\n")
    form, media = find_questionnaire(fast)
    central = Central(build, fast, None)
    central.make_campaign(form, media)
    central.start()
    laptop = Laptop(build, fast / "laptop", passphrase)
    laptop.do("join", central.invite("Ana"), "--name=Ana")
    reader = Laptop(build, fast / "reader", passphrase)
    run(central.program, "enrol", "-C", central.folder, "--person", "Eva", "--role", "administrator", "-o", fast / "eva")
    reader.do("join", fast / "eva/Eva.plazajoin", "--name=Eva")
    central.kill(signal.SIGTERM)
    records = make_records(n, 2019)
    part = fast / "part.jsonl"
    for first in range(0, n, 500):
        part.write_text("\n".join(records[first:first + 500]) + "\n")
        laptop.do("respond", "--from", part)
    (home / "records.jsonl").write_text("\n".join(records) + "\n")
    (home / "port").write_text(str(central.port))
    for name in ("central", "laptop", "reader", "phrase.txt"):
        shutil.move(fast / name, home / name)
    shutil.rmtree(fast)
    (home / "ready").touch()


def serve(build, folder, port):
    log = open(folder.parent / "serve.log", "ab")
    process = subprocess.Popen([build / "src/central/plaza-central", "serve", "-C", folder, "--listen",
                                f"127.0.0.1:{port}"], stdout=subprocess.PIPE, stderr=log, text=True)
    if "listening" not in process.stdout.readline():
        sys.exit("the central did not start")
    return process


def deliver(build, home, root):
    done = run(build / "tests/bench/bench-delivery", root, home / "phrase.txt")
    figures = {k: float(v) for k, v in (line.split() for line in done.stdout.splitlines())}
    return figures["count"] / figures["delivery"] * 1000, figures["count"] / figures["floor"] * 1000


def read_back(build, home, root):
    done = run(build / "tests/bench/bench-pull", root, home / "phrase.txt")
    figures = {k: float(v) for k, v in (line.split() for line in done.stdout.splitlines())}
    return figures["count"] / figures["pull"] * 1000


def measure_ours(build, home, folder):
    """Responses a second of the first delivery, of the floor, of sending it all again, and of reading it back."""
    port = int((home / "port").read_text())
    for name in ("central", "laptop", "reader", "again"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(home / ("laptop" if name == "again" else name), folder / name)
    central = serve(build, folder / "central", port)
    first, floor = deliver(build, home, folder / "laptop")
    again, _ = deliver(build, home, folder / "again")
    pull = read_back(build, home, folder / "reader")
    central.send_signal(signal.SIGTERM)
    central.wait()
    return first, floor, again, pull


def install_peer(home):
    peer = home / "peer"
    if not (peer / "node_modules/express-pouchdb").exists():
        if shutil.which("npm") is None:
            return None
        peer.mkdir(exist_ok=True)
        done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES], cwd=peer,
                              capture_output=True, timeout=600)
        if done.returncode != 0:
            shutil.rmtree(peer)
            return None
    for script in HERE.glob("bulk_peer*.cjs"):
        shutil.copy(script, peer)
    return peer


def measure_peer(peer, home, folder, batch):
    here = folder / f"peer-{batch}"
    shutil.rmtree(here, ignore_errors=True)
    server = subprocess.Popen(["node", peer / "bulk_peer_server.cjs", here / "server"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, cwd=peer)
    port = int(server.stdout.readline())
    done = subprocess.run(["node", peer / "bulk_peer.cjs", f"http://127.0.0.1:{port}/answers", home / "records.jsonl",
                           here / "local", str(batch)], capture_output=True, text=True, cwd=peer, timeout=300)
    server.kill()
    server.wait()
    if done.returncode != 0:
        sys.exit("the peer failed:\n" + done.stderr[-2000:])
    sent, returned, count = map(float, done.stdout.split())
    return count / sent, count / returned


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    home = pathlib.Path(sys.argv[2]).resolve() / f"bulk-with-reader-{n}"
    prepare(build, home, n)
    peer = install_peer(home)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="plaza-bulk-"))
    ours, peers = [], []
    for _ in range(rounds):
        ours.append(measure_ours(build, home, folder))
        if peer is not None:
            peers.append([max(column) for column in zip(*(measure_peer(peer, home, folder, b) for b in BATCHES))])
    first, floor, again, pull = (statistics.median(column) for column in zip(*ours))
    of_floor = statistics.median(a / b for a, b, _, _ in ours)
    print(f"bulk delivery of {n} responses (sealed, signed, TLS on loopback, durable at both ends; median of {rounds}; "
          f"load {os.getloadavg()[0]:.1f})")
    print(f"  first time        {first:7.0f}/s")
    print(f"  plain SQLite      {floor:7.0f}/s   ratio {of_floor:5.2f}   target 0.25")
    print(f"  all of it again   {again:7.0f}/s   ratio {statistics.median(c / a for a, _, c, _ in ours):5.2f}   target 1.00")
    print(f"  read back, sealed {pull:7.0f}/s")
    if peers:
        for name, mine, theirs in (("PouchDB's best", 0, 0), ("its reading back", 3, 1)):
            ratio = statistics.median(a[mine] / b[theirs] for a, b in zip(ours, peers))
            best = statistics.median(b[theirs] for b in peers)
            print(f"  {name:17} {best:7.0f}/s   ratio {ratio:5.2f}   target 3.00   (not durable)")
    else:
        print("  PouchDB           skipped: npm is not here, or has no network")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
