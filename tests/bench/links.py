#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long 300 responses take over bad links: real TCP through a seeded emulator between two network namespaces.

    tests/bench/links.py BUILD [--links NAME,…] [--seeds N] [--responses N] [--peer SEEDS] [--keep]

Plaza delivers with plazactl from a prepared laptop to plaza-central over TLS; the peer is PouchDB replicating the
same responses as JSON documents to express-pouchdb, over plain HTTP and keeping nothing durably. Needs root (network
namespaces, TUN); the peer needs Node.js and npm.
"""
import argparse, contextlib, os, pathlib, random, shutil, signal, statistics, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
from programs import PASSPHRASE, Central, Laptop, find_questionnaire, make_records, run

PORT, PEER_PORT = 8443, 8080
SERVER = "10.78.0.2"
LIMIT = 1800  # seconds, after which a delivery has failed

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
    """Two namespaces and, one at a time, a link between them."""

    def __init__(self, build):
        self.program = build / "tests/bench/tun-link"
        self.laptop, self.central = f"plaza-a{os.getpid()}", f"plaza-b{os.getpid()}"
        for space in self.laptop, self.central:
            run("ip", "netns", "add", space)
            run(*self.inside(space), "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno")

    @staticmethod
    def inside(space):
        return ["ip", "netns", "exec", space]

    @contextlib.contextmanager
    def link(self, **properties):
        """The counters of the link are in the dictionary that it gives, once it has ended."""
        words = [f"--{name}={value}" for name, value in properties.items()]
        process = subprocess.Popen([self.program, self.laptop, self.central, *words], stdout=subprocess.PIPE, text=True)
        if process.stdout.readline() != "ready\n":
            sys.exit("the link did not come up")
        counters = {}
        try:
            yield counters
        finally:
            process.send_signal(signal.SIGTERM)
            counters.update((name, int(value)) for name, value in map(str.split, process.communicate()[0].splitlines()))

    def close(self):
        for space in self.laptop, self.central:
            run("ip", "netns", "del", space, ok=None)


class FarCentral(Central):
    """A central in the second namespace."""

    def __init__(self, network, build, folder):
        self.network = network
        super().__init__(build, folder, None, url=f"https://{SERVER}:{PORT}")

    def start(self):
        self.process = subprocess.Popen(
            [*Network.inside(self.network.central), self.program, "serve", "-C", self.folder, "--listen",
             f"{SERVER}:{PORT}"], stdout=subprocess.PIPE, stderr=self.log, text=True)
        if not self.process.stdout.readline().startswith("listening"):
            sys.exit("the central does not listen:\n" + (self.folder_parent / "serve.log").read_text()[-3000:])


class Plaza:
    """A laptop with responses that wait, and its central; each delivery begins from a copy of both."""

    def __init__(self, network, build, folder, records):
        self.network, self.build, self.folder = network, build, folder
        self.passphrase = folder / "frase.txt"
        self.passphrase.write_text(PASSPHRASE + "\n")
        form, media = find_questionnaire(folder)
        self.central = FarCentral(network, build, folder)
        self.central.make_campaign(form, media)
        laptop = Laptop(build, folder / "laptop", self.passphrase)
        with network.link():
            self.central.start()
            run(*Network.inside(network.laptop), *laptop.words("join", self.central.invite("Ana"), "--name=Ana"),
                env=laptop.env)
            self.central.kill(signal.SIGTERM)
        shutil.copytree(laptop.root, folder / "laptop.empty")
        laptop.do("respond", "--from", records)
        shutil.copytree(self.central.folder, folder / "central.0")

    def deliver(self, **link):
        """Seconds from the first packet to the last receipt, and the counters of the link."""
        laptop = Laptop(self.build, self.folder / "laptop.run", self.passphrase)
        for there, copy in (self.folder / "laptop", laptop.root), (self.folder / "central.0", self.central.folder):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(there, copy)
        with self.network.link(**link) as counters:
            self.central.start()
            done = subprocess.run([*Network.inside(self.network.laptop), *laptop.words("deliver", f"--wait={LIMIT}")],
                                  env=laptop.env, capture_output=True, text=True)
            ended = time.monotonic()
            self.central.kill(signal.SIGTERM)
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
    def __init__(self, network, folder, records):
        self.network, self.folder, self.records = network, folder, records
        self.there = shutil.which("npm") is not None
        if self.there and not (folder / "node_modules").is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            done = run("npm", "install", "--silent", "--no-audit", "--no-fund", *PEER_PACKAGES, cwd=folder, ok=None)
            self.there = done.returncode == 0

    def deliver(self, **link):
        data = pathlib.Path(tempfile.mkdtemp(prefix="peer-"))
        for name in "far", "near":
            (data / name).mkdir()
        (self.folder / "server.js").write_text(PEER_SERVER)
        (self.folder / "client.js").write_text(PEER_CLIENT.replace("LIMIT", str(LIMIT)))
        with self.network.link(**link) as counters:
            server = subprocess.Popen([*Network.inside(self.network.central), "node", "server.js", str(PEER_PORT), SERVER,
                                       data / "far"], cwd=self.folder, stdout=subprocess.PIPE, text=True)
            try:
                if server.stdout.readline() != "ready\n":
                    sys.exit("the peer's server did not start")
                done = subprocess.run([*Network.inside(self.network.laptop), "node", "client.js",
                                       f"http://{SERVER}:{PEER_PORT}/r", self.records, data / "near"], cwd=self.folder,
                                      capture_output=True, text=True)
            finally:
                server.kill()
                server.wait()
        shutil.rmtree(data)
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
        return (float(done.stdout) if done.returncode == 0 else None), counters


def at(name, seed):
    """The link as it is for one seed: where in its schedule a delivery begins is a matter of chance too."""
    link = dict(LINKS[name][0], seed=seed)
    if "on" in link:
        link["phase"] = round(random.Random(seed).uniform(0, link["on"] + link["off"]), 1)
    return link


def show(name, plaza, peer):
    _, target, least = LINKS[name]
    seconds = statistics.median(s for s, _ in plaza)
    up = statistics.median(c["up_bytes"] for _, c in plaza)
    down = statistics.median(c["down_bytes"] for _, c in plaza)
    print(f"  {name:8} {seconds:7.1f} s ({min(s for s, _ in plaza):.1f}-{max(s for s, _ in plaza):.1f})   "
          f"target {target or '-':>3}   least {least:>3}   up {up / 1000:.0f} kB, down {down / 1000:.0f} kB", end="")
    times = [s for s, _ in peer if s is not None]
    if times:
        print(f"   peer {statistics.median(times):7.1f} s   ratio {statistics.median(times) / seconds:5.1f}", end="")
    if len(times) < len(peer):
        print(f"   peer gave up in {len(peer) - len(times)} of {len(peer)}", end="")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--links", default=",".join(LINKS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--responses", type=int, default=300)
    parser.add_argument("--peer", type=int, default=1, help="seeds that the peer is run with; 0: without it")
    options = parser.parse_args()
    if os.geteuid() != 0 or not os.access("/dev/net/tun", os.W_OK):
        print("links: left out, network namespaces and TUN need root")
        return
    build = options.build.resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="plaza-links-"))
    network = Network(build)
    try:
        lines = make_records(options.responses, 2019)
        records, fifty = folder / "records.jsonl", folder / "fifty.jsonl"
        records.write_text("\n".join(lines) + "\n")
        fifty.write_text("\n".join(lines[:50]) + "\n")
        plaza = Plaza(network, build, folder, records)
        peer = Peer(network, build / "peer-links", records) if options.peer else None
        print(f"{len(lines)} responses over bad links (median of {options.seeds} seeds; peer: PouchDB to "
              f"express-pouchdb, {options.peer} seeds; up and down: bytes with IP and TCP)")
        for name in options.links.split(","):
            show(name, [plaza.deliver(**at(name, seed)) for seed in range(1, options.seeds + 1)],
                 [peer.deliver(**at(name, seed)) for seed in range(1, options.peer + 1)] if peer and peer.there else [])
        print(f"  an envelope of 50 responses: {plaza.body_bytes(fifty):.0f} bytes each   target {BODY_TARGET}")
    finally:
        network.close()
        shutil.rmtree(folder, ignore_errors=True)


main()
