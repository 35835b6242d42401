#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses by hand: saved to a folder and read back, read and verified on another laptop, and the receipts back the
same way, absorbed.

    tests/bench/usb.py BUILD CACHE [RESPONSES] [ROUNDS]

CACHE keeps the laptops, which take minutes to make. What the central needs in between is not counted: bulk.py has it.
"""
import os, pathlib, shutil, signal, statistics, sys, tempfile

import bulk
from programs import Laptop, run


def step(build, home, root, what, stick):
    done = run(build / "tests/bench/bench-stick", root, home / "phrase.txt", what, stick)
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def measure(build, home, folder):
    stick = folder / "stick"
    shutil.rmtree(stick, ignore_errors=True)
    stick.mkdir()
    for name in ("central", "laptop", "reader"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(home / name, folder / name)
    saved = step(build, home, folder / "laptop", "save", stick)
    taken = step(build, home, folder / "reader", "read", stick)
    central = bulk.serve(build, folder / "central", int((home / "port").read_text()))
    Laptop(build, folder / "reader", home / "phrase.txt").do("deliver")
    central.send_signal(signal.SIGTERM)
    central.wait()
    given = step(build, home, folder / "reader", "save", stick)
    back = step(build, home, folder / "laptop", "read", stick)
    return saved, taken, given, back


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    home = pathlib.Path(sys.argv[2]).resolve() / f"bulk-with-reader-{n}"
    bulk.prepare(build, home, n)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="plaza-usb-"))
    results = [measure(build, home, folder) for _ in range(rounds)]
    shutil.rmtree(folder)

    def median(pick):
        return statistics.median(pick(*result) for result in results)

    total = median(lambda s, t, g, b: s["work"] + t["work"] + g["work"] + b["work"])
    print(f"{n} responses by hand (median of {rounds}; load {os.getloadavg()[0]:.1f})")
    print(f"  sealed before     {median(lambda s, t, g, b: s['pack']):8.0f} ms")
    print(f"  saved, read back  {median(lambda s, t, g, b: s['work']):8.0f} ms")
    print(f"  read, verified    {median(lambda s, t, g, b: t['work']):8.0f} ms")
    print(f"  receipts saved    {median(lambda s, t, g, b: g['work']):8.0f} ms")
    print(f"  receipts absorbed {median(lambda s, t, g, b: b['work']):8.0f} ms, {results[0][3]['delivered']:.0f} entries")
    print(f"  all four          {n / total * 1000:8.0f}/s   target 10000")
    print(f"  on the stick      {median(lambda s, t, g, b: s['bytes']) / n:8.0f} bytes each   target 450")


main()
