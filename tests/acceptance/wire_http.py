# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP by hand, as no library would send it, and the two doors of a central: its own TLS, and nginx in front."""
import base64, json, os, pathlib, re, secrets, shutil, socket, ssl, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from programs import SOURCE, Central, find_questionnaire, free_port, run


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        match = re.match(r"HTTP/1\.1 (\d{3})", lines[0])
        self.status = int(match[1]) if match else None  # None: closed without an answer
        self.headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        self.raw = raw

    @property
    def json(self):
        return json.loads(self.body)


class Door:
    """Where a central can be reached over TLS."""

    def __init__(self, name, port, ca):
        self.name, self.port, self.ca = name, port, ca

    def connect(self, timeout=30):
        context = ssl.create_default_context(cafile=str(self.ca))
        plain = socket.create_connection(("127.0.0.1", self.port), timeout)
        return context.wrap_socket(plain, server_hostname="127.0.0.1")

    def send(self, *parts, timeout=30):
        """Bytes as they are; what came back until the other end closed, or a whole answer."""
        got = b""
        with self.connect(timeout) as s:
            try:
                for part in parts:
                    s.sendall(part)
            except OSError:
                pass  # closed while we were still talking: what it said is what counts
            try:
                while piece := s.recv(65536):
                    got += piece
                    head, split, body = got.partition(b"\r\n\r\n")
                    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
                    if split and length and len(body) >= int(length[1]):
                        break
            except OSError:
                pass
        return Answer(got)

    def request(self, method, path, body=b"", type_=None, token=None, headers=()):
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"Content-Length: {len(body)}"] if body or method in ("POST", "PATCH") else []
        lines += [f"Content-Type: {type_}"] if type_ else []
        lines += [f"Authorization: Bearer {token}"] if token else []
        return self.send("\r\n".join([*lines, *headers, "", ""]).encode() + body)


def enrol(door, invitation):
    """A token for the code of a join file, as a laptop asks for it."""
    link = json.loads(pathlib.Path(invitation).read_text())
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    body = json.dumps({"code": link["code"], "device_key": key, "fingerprint": link["fingerprint"]}).encode()
    answer = door.request("POST", "/v1/enrol", body, "application/json")
    assert answer.status == 201, answer.raw
    return answer.json


class Nginx:
    """The site file that is installed, on a port of ours."""

    def __init__(self, folder, sockets, certificate, key):
        self.port = free_port()
        site = (SOURCE / "data/systemd/plaza-central.nginx").read_text()
        site = re.sub(r"server unix:[^;]*;", " ".join(f"server unix:{s};" for s in sockets), site, count=1)
        site = re.sub(r"(?m)^\s*server unix:/run/[^;]*;\n", "", site)
        site = re.sub(r"listen 443", f"listen 127.0.0.1:{self.port}", site)
        site = re.sub(r"(?m)^\s*listen \[::\].*\n", "", site)
        site = re.sub(r"ssl_certificate\s+\S+;", f"ssl_certificate {certificate};", site)
        site = re.sub(r"ssl_certificate_key\s+\S+;", f"ssl_certificate_key {key};", site)
        self.folder = folder / "nginx"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        (self.folder / "site").write_text(site)
        user = "user root;" if os.getuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 2; pid {self.folder}/pid; error_log {self.folder}/error.log;\n"
            f"events {{ worker_connections 2048; }}\nhttp {{ include {self.folder}/site; "
            + "".join(f"{name}_temp_path {self.folder}/{name}; " for name in
                      ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) + "}\n")
        self.process = subprocess.Popen([shutil.which("nginx", path="/usr/sbin:/usr/bin"), "-c", self.folder / "nginx.conf",
                                         "-p", self.folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(.05)
        sys.exit("nginx did not start:\n" + (self.folder / "error.log").read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Doors:
    """A central with a campaign, through its own TLS or through nginx."""

    def __init__(self, build, behind_nginx, settings=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plaza-doors-", dir="/tmp"))
        self.central = Central(build, self.folder, None)
        form, media = find_questionnaire(self.folder)
        self.central.make_campaign(form, media, "--organisation", "NOSC=Núcleo")
        conf = self.central.folder / "central.conf"
        for name, value in (settings or {}).items():
            text, n = re.subn(rf"(?m)^{name}=.*$", f"{name}={value}", conf.read_text())
            assert n == 1, name
            conf.write_text(text)
        self.nginx = None
        tls = self.central.folder / "tls"
        if behind_nginx:
            where = self.folder / "http.sock"
            words = [self.central.program, "serve", "-C", self.central.folder, "--socket", where]
            self.process = subprocess.Popen(words, stdout=self.central.log, stderr=self.central.log)
            for _ in range(200):
                if where.exists():
                    break
                time.sleep(.05)
            self.nginx = Nginx(self.folder, [where], tls / "server.pem", tls / "server.key")
            self.door = Door("nginx", self.nginx.port, tls / "ca.pem")
        else:
            words = [self.central.program, "serve", "-C", self.central.folder, "--listen",
                     f"127.0.0.1:{self.central.port}"]
            self.process = subprocess.Popen(words, stdout=self.central.log, stderr=self.central.log)
            for _ in range(200):
                with socket.socket() as s:
                    if s.connect_ex(("127.0.0.1", self.central.port)) == 0:
                        break
                time.sleep(.05)
            self.door = Door("alone", self.central.port, tls / "ca.pem")

    def invite(self, name, *options):
        out = self.folder / f"invitation-{name}"
        run(self.central.program, "enrol", "-C", self.central.folder, "--person", name, *options, "-o", out)
        return out / f"{name}.plazajoin"

    def rss_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def log(self):
        return (self.folder / "serve.log").read_text(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        if self.nginx:
            self.nginx.stop()
        self.process.terminate()
        self.process.wait(30)
        if problem[0] is None:
            shutil.rmtree(self.folder)
        else:
            print(self.log()[-3000:], file=sys.stderr)
