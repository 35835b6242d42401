#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the central does with many laptops at once, as ratios within the same run.

    tests/bench/load.py BUILD
"""
import os, pathlib, subprocess, sys

BUILD = pathlib.Path(sys.argv[1]).resolve()
SLOW_US = 5000


def load(*words, slow=False):
    environment = dict(os.environ)
    more = []
    if slow:
        environment["PLAZA_SLOW_SYNC"] = str(SLOW_US)
        more = ["--slow-sync", BUILD / "tests/bench/libslow-sync.so"]
    done = subprocess.run([str(w) for w in (BUILD / "tests/bench/bench-load", "--server",
                                            BUILD / "src/central/plaza-central", *words, *more)],
                          capture_output=True, text=True, env=environment, timeout=600)
    if done.returncode != 0:
        sys.exit(done.stderr[-2000:])
    figures = {k: float(v) for k, v in (line.split() for line in done.stdout.splitlines())}
    if figures["failed"] or figures["missing"]:
        sys.exit(f"{words}: {figures}")
    return figures


def main():
    print(f"many laptops at once (TLS on loopback, every receipt verified; load {os.getloadavg()[0]:.1f})")
    alone = load("--connections", 1, "--responses", 300, slow=True)
    many = load("--connections", 64, "--responses", 60, slow=True)
    print(f"  group commit      64 connections {many['rate']:6.0f}/s, one sync an envelope {alone['rate']:6.0f}/s"
          f"   ratio {many['rate'] / alone['rate']:5.2f}   target 4.00   (5 ms added to each sync)")

    rates = {n: load("--connections", n, "--laptops", n, "--responses", 5120 // n)["rate"]
             for n in (64, 127, 128, 129, 256)}
    worst = min(rates.values()) / max(rates.values())
    print("  no cliff          " + ", ".join(f"{n}: {rate:.0f}/s" for n, rate in rates.items())
          + f"   worst/best {worst:4.2f}")

    crowd = load("--connections", 100, "--responses", 100, "--each", 25, "--again")
    print(f"  100 laptops × 100 {crowd['rate']:6.0f} responses/s, receipted {crowd['receipted']:.0f} of 800, "
          f"asked to wait {crowd['busy']:.0f}")
    print(f"    p99 of an envelope {crowd['p99']:6.0f} ms (target 2000), memory {crowd['peak_mb']:.0f} MB (target 200), "
          f"again {crowd['again'] / crowd['rate']:.2f} × as fast")

    words = ("--connections", 32, "--responses", 300, "--each", 50)
    sqlite, postgresql = load(*words), load(*words, "--engine", "postgresql")
    print(f"  PostgreSQL        {postgresql['rate']:6.0f} responses/s, SQLite {sqlite['rate']:6.0f}"
          f"   ratio {postgresql['rate'] / sqlite['rate']:5.2f}   target 0.50")
    words = ("--connections", 32, "--responses", 100, "--engine", "postgresql")
    one, two = load(*words), load(*words, "--servers", 2)
    print(f"  two servers       {two['rate']:6.0f} single responses/s, one {one['rate']:6.0f}"
          f"   ratio {two['rate'] / one['rate']:5.2f}   (what waiting for each other's lock costs)")


main()
