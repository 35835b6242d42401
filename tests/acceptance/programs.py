# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs under test: a central, a laptop, a private PostgreSQL; and responses to give them."""
import atexit, csv, json, os, pathlib, pwd, shutil, signal, socket, sqlite3, subprocess, sys, tempfile, time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/chaos"))
from bad_proxy import FAULTS, HTTP, WIRE, BadProxy  # noqa: E402, F401 (for the scripts)

SHARED = pathlib.Path(os.environ.get("PLAZA_TEST_SHARED", SOURCE.parent / "shared"))
PASSPHRASE = "cinco palabras que nadie adivina"


def run(*words, env=None, ok=(0,), text=True, **more):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=text, env=env, timeout=600, **more)
    if ok is not None and done.returncode not in ok:
        sys.exit(f"{words[:3]} returned {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class PostgreSQL:
    """A private cluster on a Unix socket; run as another user when we are root, as it insists."""

    def __init__(self):
        self.bin = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=None)
        if self.bin is None:
            raise FileNotFoundError("PostgreSQL is not installed")
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="plaza-pg-", dir="/tmp"))
        self.user = {}
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.root, account.pw_uid, account.pw_gid)
            self.user = dict(user=account.pw_uid, group=account.pw_gid, extra_groups=[])
        os.chmod(self.root, 0o755)
        run(self.bin / "initdb", "-A", "trust", "-U", "plaza", "-E", "UTF8", "--locale=C", "-D", self.root / "data",
            cwd="/", **self.user)
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", self.root / "data", "-k", self.root, "-c", "listen_addresses="],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.user)
        self.uri = f"postgresql:///postgres?host={self.root}&user=plaza"
        for _ in range(200):
            if run(self.bin / "pg_isready", "-q", "-h", self.root, ok=None).returncode == 0:
                return
            time.sleep(0.05)
        sys.exit("PostgreSQL did not start")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)


class Central:
    def __init__(self, build, folder, database, listen=None, url=None):
        self.program = build / "src/central/plaza-central"
        self.folder = folder / "central"
        self.folder_parent = folder
        self.database = database
        self.log = open(folder / "serve.log", "ab")
        self.process = None
        atexit.register(self.stop)
        self.url_port = free_port()
        self.port = listen or self.url_port
        run(self.program, "init", self.folder, "--practice", "--url", url or f"https://127.0.0.1:{self.url_port}",
            *([] if database is None else ["--database", database]))

    def make_campaign(self, form, media, *options):
        keys, unsigned = self.folder_parent / "keys", self.folder_parent / "unsigned"
        run(self.program, "campaign", "build", "-C", self.folder, "--practice", "--form", form, "--media", media,
            "--settings", SOURCE / "data/questionnaires/consulta_temas/manifest.json", "--new-keys", keys,
            *options, "-o", unsigned)
        run(self.program, "campaign", "sign", "-C", self.folder, "--key", keys / "campaign.key", unsigned)

    def invite(self, name):
        folder = self.folder_parent / "invitations"
        run(self.program, "enrol", "-C", self.folder, "--person", name, "-o", folder)
        return folder / f"{name}.plazajoin"

    def start(self):
        self.process = subprocess.Popen([self.program, "serve", "-C", self.folder, "--listen", f"127.0.0.1:{self.port}"],
                                        stdout=self.log, stderr=self.log)
        for _ in range(500):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                sys.exit("the central did not start:\n" + (self.folder_parent / "serve.log").read_text()[-3000:])
            time.sleep(0.01)
        sys.exit("the central does not listen")

    def stop(self):
        """Whatever happens to the test, no central stays behind."""
        if self.process and self.process.poll() is None:
            self.process.kill()

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        return self.process.wait(30)

    def export(self, where):
        run(self.program, "export", "-C", self.folder, where)
        return where

    def received(self, table, column):
        """What the database has committed."""
        question = f"SELECT {column} FROM {table}"
        if self.database:
            psql = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"))
            return run(psql, "-At", "-c", question, self.database).stdout.split()
        with sqlite3.connect(f"file:{self.folder / 'central.db'}?mode=ro", uri=True, timeout=30) as db:
            return [value for value, in db.execute(question)]


class Laptop:
    def __init__(self, build, root, passphrase):
        self.program = build / "src/cli/plazactl"
        self.root = root
        self.env = dict(os.environ, PLAZA_DATA_DIR=str(root))
        self.passphrase = passphrase

    def words(self, *words):
        return [str(self.program), *map(str, words), "--json", f"--passphrase-file={self.passphrase}"]

    def do(self, *words, ok=(0,), **more):
        done = run(*self.words(*words), env=self.env, ok=ok, **more)
        return [json.loads(line) for line in done.stdout.splitlines() if line]

    def begin(self, *words):
        return subprocess.Popen(self.words(*words), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def find_questionnaire(folder):
    """The canonical form with everything it names, in one folder."""
    media = folder / "media"
    media.mkdir()
    places = [SOURCE / "data/questionnaires/consulta_temas", SOURCE / "data/catalogues", SHARED / "questionnaire",
              SHARED / "data"]
    for name in ("campaign.csv", "estados.csv", "municipios.csv", "lenguas_indigenas.csv"):
        found = next((p / name for p in places if (p / name).exists()), None)
        if found is None:
            sys.exit(f"there is no {name}")
        shutil.copy(found, media / name)
    # Every municipality, where the responses were generated from.
    if (SHARED / "data/municipios.csv").exists():
        shutil.copy(SHARED / "data/municipios.csv", media / "municipios.csv")
    for place in places[:1] + places[2:3]:
        for form in sorted(place.glob("*.xml")):
            return form, media
    sys.exit("there is no questionnaire")


def make_records(n, seed):
    generator = SHARED / "data/gen_respuestas.py"
    if generator.exists():
        lines = run(sys.executable, generator, n, seed).stdout.splitlines()
    else:
        sample = (SOURCE / "data/questionnaires/consulta_temas/sample.jsonl").read_text().splitlines()
        lines = [sample[i % len(sample)] for i in range(n)]
    return [line for line in lines if line][:n]


DELIVERED = 3  # of the laptop's tables


def check_receipts(central, laptop, look):
    """Nothing counts as delivered on a laptop, and no receipt is kept there, for what the central does not hold. look: a
    folder for a copy of the laptop's database. Returns how many envelopes and entries were looked up."""
    envelopes = {path.stem for path in laptop.root.glob("*/*/receipts/*.rcp")}
    entries = set()
    for profile in laptop.root.glob("profiles/*/"):
        shutil.rmtree(look, ignore_errors=True)
        look.mkdir()
        for name in ("plaza.db", "plaza.db-wal"):
            if (profile / name).exists():
                shutil.copy(profile / name, look)
        with sqlite3.connect(look / "plaza.db") as db:
            envelopes |= {i for i, in db.execute("SELECT id FROM envelope WHERE state = ?", (DELIVERED,))}
            entries |= {i for i, in db.execute("SELECT id FROM entry WHERE state = ?", (DELIVERED,))}
        db.close()
    # The audit log names envelopes of contacts too, whose table knows none.
    audited = central.received("audit WHERE action IN ('envelope', 'contacts')", "object")
    missing = envelopes - set(audited)
    assert not missing, f"receipts for envelopes that are not there: {missing}"
    assert len(audited) == len(set(audited)), "an envelope was taken in twice"
    missing = entries - set(central.received("entry", "id"))
    assert not missing, f"delivered, and not there: {missing}"
    return len(envelopes), len(entries)


def compare(central, laptop, where, taken, outcomes, records):
    """The central holds, once each and byte by byte, what the laptop holds and says is delivered. where: a folder for
    the export; taken, outcomes: from the reports of respond; records: the lines it was given."""
    compare_all(central, where, [(laptop, taken, records)], outcomes)


def compare_all(central, where, parts, outcomes):
    """As compare(), of several laptops. parts: laptop, taken and records of each."""
    central.export(where)
    run(central.program, "verify", "-C", central.folder)
    kept, shown, sessions, contacts = [], [], 0, 0
    facts = ("organizacion", "equipo", "facilitador", "jornada_estado", "jornada_municipio", "fecha", "idioma")
    for laptop, taken, records in parts:
        own = [t["response"] for t in taken if t["outcome"] in ("completed", "partial")]
        for i in range(0, len(own), 200):
            shown += laptop.do("response", "show", *own[i:i + 200])
        kept += own
        sessions += len({tuple(json.loads(line).get(name) for name in facts) for line in records})
        contacts += sum('"consentimiento_contacto": "si"' in line for line in records)
    with open(where / "responses.csv", newline="", encoding="utf-8-sig") as f:
        rows = list(csv.DictReader(f))
    assert len(rows) == len(kept) == len({r["response"] for r in rows}), (len(rows), len(kept))
    assert {r["response"] for r in rows} == set(kept)
    for response in shown:
        there = (where / "responses" / f"{response['id']}.xml").read_bytes()
        assert there == response["xml"].encode(), response["id"]
        assert response["state"] == "delivered", response
    assert len(shown) == len(kept) == len(list((where / "responses").glob("*.xml")))
    assert len(list((where / "revisions").glob("**/*.xml"))) in (0, len(kept))
    counted = {}
    with open(where / "outcomes.csv", newline="", encoding="utf-8-sig") as f:
        for row in csv.DictReader(f):
            counted[row["outcome"]] = counted.get(row["outcome"], 0) + int(row["count"])
    assert {k: v for k, v in counted.items() if v} == {k: v for k, v in outcomes.items() if v}, (counted, outcomes)
    with open(where / "sessions.csv", newline="", encoding="utf-8-sig") as f:
        assert len(list(csv.DictReader(f))) == sessions, sessions
    assert len(list((where / "contacts").glob("*.contact"))) == contacts, contacts
