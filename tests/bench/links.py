#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long 300 responses take over bad links: real TCP through a seeded emulator between two network namespaces.

    tests/bench/links.py BUILD [--links NAME,…] [--seeds N] [--responses N] [--peer SEEDS] [--jobs N]

Plaza delivers with plazactl from a prepared laptop to plaza-central over TLS; the peer is PouchDB replicating the
same responses as JSON documents to express-pouchdb, over plain HTTP and keeping nothing durably. Each delivery has
its own pair of namespaces and waits for its link, not for the processor, so several go at a time. Needs root (network
namespaces, TUN); the peer needs Node.js and npm.
"""
import argparse, concurrent.futures, contextlib, itertools, math, os, pathlib, random, shutil, signal, statistics
import subprocess, sys, tempfile, threading, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
from programs import PASSPHRASE, Central, Laptop, find_questionnaire, make_records, run

PORT, PEER_PORT = 8443, 8080
SERVER = "10.78.0.2"
LIMIT = 1800  # seconds, after which a delivery has failed
PEER_JOBS = 10  # deliveries of the peer at a time

# What the link is, the time it may take, and the least that the bytes of the best encoding known need on it.
LINKS = {
    "2g": (dict(up=40, down=100, delay=300, jitter=100, loss=2), 45, 31),
    "2g-cuts": (dict(up=40, down=100, delay=300, jitter=100, loss=2, on=20, off=10), 80, 47),
    "3g": (dict(up=384, down=1000, delay=100, jitter=30, loss=1), None, 3),
    "3g-cuts": (dict(up=384, down=1000, delay=100, jitter=30, loss=1, on=5, off=5), 12, 6),
}
BODY_TARGET = 600  # bytes of an envelope of 50 responses, for each

PEER_PACKAGES = ("pouchdb@9.0.0", "express@4.22.3", "express-pouchdb@4.2.0")
PEER_SERVER = """
const PouchDB = require('pouchdb'), [,, port, host, dir] = process.argv;
const app = require('express')();
app.use('/', require('express-pouchdb')(PouchDB.defaults({prefix: dir + '/', adapter: 'leveldb'}),
  {mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: dir + '/log.txt'}));
app.listen(+port, host, () => console.log('ready'));
"""
PEER_CLIENT = """
const PouchDB = require('pouchdb'), fs = require('fs'), [,, url, records, dir] = process.argv;
(async () => {
  const db = new PouchDB(dir + '/local', {adapter: 'leveldb'});
  const docs = fs.readFileSync(records, 'utf8').trim().split('\\n').map((line, i) => ({_id: 'r' + i, record: JSON.parse(line)}));
  await db.bulkDocs(docs);
  const start = Date.now();
  setTimeout(() => process.exit(1), LIMIT * 1000);
  await new Promise((done, fail) => {
    const job = db.replicate.to(url, {live: true, retry: true, batch_size: 100});
    job.on('paused', error => { if (!error) { job.cancel(); done(); } }).on('error', fail);
  });
  console.log((Date.now() - start) / 1000);
  process.exit(0);
})().catch(error => { console.error(error); process.exit(1); });
"""


class Network:
    """Two namespaces and a link between them, for one delivery."""

    numbers, alone = itertools.count(1), threading.Lock()

    def __init__(self, build):
        self.program = build / "tests/bench/tun-link"
        number = f"{os.getpid()}-{next(self.numbers)}"
        self.laptop, self.central = f"plaza-a{number}", f"plaza-b{number}"

    @staticmethod
    def inside(space):
        return ["ip", "netns", "exec", space]

    @contextlib.contextmanager
    def link(self, **properties):
        """The counters of the link are in the dictionary that it gives, once it has ended."""
        words = [f"--{name}={value}" for name, value in properties.items()]
        try:
            for space in self.laptop, self.central:
                with self.alone:
                    run("ip", "netns", "add", space)
                run(*self.inside(space), "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno")
                # As the kernels before 6.5 do, Debian 12's among them: each SYN waits twice as long as the one before.
                run(*self.inside(space), "sysctl", "-eqw", "net.ipv4.tcp_syn_linear_timeouts=0", ok=None)
            process = subprocess.Popen([self.program, self.laptop, self.central, *words], stdout=subprocess.PIPE,
                                       text=True)
            if process.stdout.readline() != "ready\n":
                sys.exit("the link did not come up")
            counters = {}
            try:
                yield counters
            finally:
                process.send_signal(signal.SIGTERM)
                lines = process.communicate()[0].splitlines()
                counters.update((name, int(value)) for name, value in map(str.split, lines))
        finally:
            for space in self.laptop, self.central:
                run("ip", "netns", "del", space, ok=None)


class Plaza:
    """A laptop with responses that wait, and its central; each delivery begins from a copy of both."""

    def __init__(self, build, folder, records):
        self.build, self.folder = build, folder
        self.passphrase = folder / "frase.txt"
        self.passphrase.write_text(PASSPHRASE + "\n")
        form, media = find_questionnaire(folder)
        central = Central(build, folder, None, url=f"https://{SERVER}:{PORT}")
        central.make_campaign(form, media)
        laptop = Laptop(build, folder / "laptop", self.passphrase)
        network = Network(build)
        with network.link(), self.serve(network, central.folder):
            run(*Network.inside(network.laptop), *laptop.words("join", central.invite("Ana"), "--name=Ana"),
                env=laptop.env)
        shutil.copytree(laptop.root, folder / "laptop.empty")
        laptop.do("respond", "--from", records)

    @contextlib.contextmanager
    def serve(self, network, folder):
        """The central of a folder, in the second namespace."""
        with open(folder / "serve.log", "ab") as log:
            process = subprocess.Popen(
                [*Network.inside(network.central), self.build / "src/central/plaza-central", "serve", "-C", folder,
                 "--listen", f"{SERVER}:{PORT}"], stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            if not process.stdout.readline().startswith("listening"):
                sys.exit("the central does not listen:\n" + (folder / "serve.log").read_text()[-3000:])
            yield
        finally:
            process.terminate()
            process.wait(30)

    def deliver(self, **link):
        """Seconds from the first packet to the last receipt, and the counters of the link."""
        with tempfile.TemporaryDirectory(prefix="run-", dir=self.folder) as name:
            folder, network = pathlib.Path(name), Network(self.build)
            laptop = Laptop(self.build, folder / "laptop", self.passphrase)
            for part in "laptop", "central":
                shutil.copytree(self.folder / part, folder / part)
            with network.link(**link) as counters, self.serve(network, folder / "central"):
                done = subprocess.run([*Network.inside(network.laptop), *laptop.words("deliver", f"--wait={LIMIT}")],
                                      env=laptop.env, capture_output=True, text=True)
                ended = time.monotonic()
            if done.returncode != 0:
                sys.exit(f"deliver returned {done.returncode}\n{done.stdout}\n{done.stderr}")
            status = laptop.do("status")[0]
            if status["waiting"] != 0:
                sys.exit(f"not everything was delivered: {status}")
            return ended - counters["begun_us"] / 1e6, counters

    def body_bytes(self, records):
        """Of an envelope with so many responses, for each response."""
        laptop = Laptop(self.build, self.folder / "laptop.empty", self.passphrase)
        laptop.do("respond", "--from", records)
        laptop.do("deliver", ok=None)  # nobody answers: what was packed waits in the outbox
        sizes = [path.stat().st_size for path in laptop.root.glob("profiles/*/outbox/*.plz")]
        return sum(sizes) / len(records.read_text().splitlines())


class Peer:
    def __init__(self, build, folder, records):
        self.build, self.folder, self.records = build, folder, records
        self.there = shutil.which("npm") is not None
        folder.mkdir(parents=True, exist_ok=True)
        if self.there and not (folder / "node_modules").is_dir():
            done = run("npm", "install", "--silent", "--no-audit", "--no-fund", *PEER_PACKAGES, cwd=folder, ok=None)
            self.there = done.returncode == 0
        (folder / "server.js").write_text(PEER_SERVER)
        (folder / "client.js").write_text(PEER_CLIENT.replace("LIMIT", str(LIMIT)))

    def deliver(self, **link):
        network = Network(self.build)
        with tempfile.TemporaryDirectory(prefix="peer-") as name, network.link(**link) as counters:
            data = pathlib.Path(name)
            for end in "far", "near":
                (data / end).mkdir()
            server = subprocess.Popen([*Network.inside(network.central), "node", "server.js", str(PEER_PORT), SERVER,
                                       data / "far"], cwd=self.folder, stdout=subprocess.PIPE, text=True)
            try:
                if server.stdout.readline() != "ready\n":
                    sys.exit("the peer's server did not start")
                done = subprocess.run([*Network.inside(network.laptop), "node", "client.js",
                                       f"http://{SERVER}:{PEER_PORT}/r", self.records, data / "near"], cwd=self.folder,
                                      capture_output=True, text=True)
            finally:
                server.kill()
                server.wait()
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
        return (float(done.stdout) if done.returncode == 0 else None), counters


def at(name, seed):
    """The link as it is for one seed: where in its schedule a delivery begins is a matter of chance too."""
    link = dict(LINKS[name][0], seed=seed)
    if "on" in link:
        link["phase"] = round(random.Random(seed).uniform(0, link["on"] + link["off"]), 1)
    return link


def show(name, plaza):
    _, target, least = LINKS[name]
    times = [seconds for seconds, _ in plaza]
    up = statistics.median(counters["up_bytes"] for _, counters in plaza)
    down = statistics.median(counters["down_bytes"] for _, counters in plaza)
    print(f"  {name:8} {statistics.median(times):7.1f} s ({min(times):.1f}-{max(times):.1f})   target {target or '-':>3}   "
          f"least {least:>3}   up {up / 1000:.0f} kB, down {down / 1000:.0f} kB", flush=True)


def show_peer(name, plaza, peer):
    """A run that the peer gave up counts as longer than any other."""
    middle = statistics.median(math.inf if seconds is None else seconds for seconds, _ in peer)
    given_up = sum(seconds is None for seconds, _ in peer)
    ratio = middle / statistics.median(seconds for seconds, _ in plaza)
    print(f"  {name:8} {middle:7.1f} s   ratio {ratio:5.1f}" + (f"   gave up in {given_up}" if given_up else ""),
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--links", default=",".join(LINKS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--responses", type=int, default=300)
    parser.add_argument("--peer", type=int, default=5, help="seeds that the peer is run with; 0: without it")
    parser.add_argument("--jobs", type=int, default=5, help="deliveries of Plaza at a time")
    options = parser.parse_args()
    if os.geteuid() != 0 or not os.access("/dev/net/tun", os.W_OK):
        print("links: left out, network namespaces and TUN need root")
        return
    build, names = options.build.resolve(), options.links.split(",")
    with tempfile.TemporaryDirectory(prefix="plaza-links-") as name:
        folder = pathlib.Path(name)
        lines = make_records(options.responses, 2019)
        records, fifty = folder / "records.jsonl", folder / "fifty.jsonl"
        records.write_text("\n".join(lines) + "\n")
        fifty.write_text("\n".join(lines[:50]) + "\n")
        plaza, results = Plaza(build, folder, records), {}
        print(f"{len(lines)} responses over bad links (median of {options.seeds} seeds; up and down: bytes with IP and "
              "TCP)", flush=True)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for name in names:
                seeds = range(1, options.seeds + 1)
                results[name] = list(pool.map(lambda seed: plaza.deliver(**at(name, seed)), seeds))
                show(name, results[name])
        print(f"  an envelope of 50 responses: {plaza.body_bytes(fifty):.0f} bytes each   target {BODY_TARGET}",
              flush=True)
        peer = Peer(build, build / "peer-links", records) if options.peer else None
        if not peer or not peer.there:
            return
        print(f"the same by PouchDB to express-pouchdb (median of {options.peer} seeds)", flush=True)
        with concurrent.futures.ThreadPoolExecutor(PEER_JOBS) as pool:
            slowest_first = sorted(names, key=lambda name: LINKS[name][2], reverse=True)
            begun = {name: [pool.submit(peer.deliver, **at(name, seed)) for seed in range(1, options.peer + 1)]
                     for name in slowest_first}
            for name in names:
                show_peer(name, results[name], [job.result() for job in begun[name]])


main()
