#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast finished responses are sealed, signed, delivered over TLS on loopback and durable at both ends.

    tests/bench/delivery.py BUILD [RESPONSES] [ROUNDS]
"""
import pathlib, shutil, signal, statistics, sys, tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
from programs import PASSPHRASE, Central, Laptop, find_questionnaire, make_records, run

TARGET = 3000  # responses a second


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    folder = pathlib.Path(tempfile.mkdtemp(prefix="plaza-bench-"))
    passphrase = folder / "frase.txt"
    passphrase.write_text(PASSPHRASE + "\n")
    form, media = find_questionnaire(folder)
    central = Central(build, folder, None)
    central.make_campaign(form, media)
    central.start()
    laptop = Laptop(build, folder / "laptop", passphrase)
    laptop.do("join", central.invite("Ana"), "--name=Ana")
    central.kill(signal.SIGTERM)
    records = folder / "records.jsonl"
    records.write_text("\n".join(make_records(n, 2019)) + "\n")
    laptop.do("respond", "--from", records)
    shutil.copytree(central.folder, folder / "central.0")

    speeds, ratios = [], []
    for number in range(rounds):
        shutil.rmtree(central.folder)
        shutil.copytree(folder / "central.0", central.folder)
        root = folder / f"laptop.{number}"
        shutil.copytree(laptop.root, root)
        central.start()
        done = run(build / "tests/bench/bench-delivery", root, passphrase)
        central.kill(signal.SIGTERM)
        figures = {k: float(v) for k, v in (line.split() for line in done.stdout.splitlines())}
        speeds.append(figures["count"] / figures["delivery"] * 1000)
        ratios.append(figures["delivery"] / figures["floor"])
    speed, ratio = statistics.median(speeds), statistics.median(ratios)
    print(f"delivery of {n} responses (sealed, signed, loopback TLS, durable at both ends; median of {rounds})")
    print(f"  {speed:9.0f} responses/s   target {TARGET}   ratio {speed / TARGET:5.2f}")
    print(f"  {ratio:9.2f} × plain SQLite inserting the same submissions once for each end")
    shutil.rmtree(folder)


main()
