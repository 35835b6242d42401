#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that misbehaves, between a laptop and its central.

    tests/chaos/bad_proxy.py PORT TARGET [--faults NAME,…] [--share P] [--seed N] [--tls CENTRAL/tls]
        [--stranger CENTRAL/tls] [--patience S]

Each connection is let through, or draws one of the faults. Two kinds there are. Faults of the wire know nothing of what
passes: TLS goes through as bytes, and is cut, stalled, slowed or changed at a byte drawn by chance. Faults of HTTP need
the central's own certificate (--tls): TLS ends here, each request on the connection is read whole and may draw a fault
of its own, as a proxy in front of the central that has gone mad would do. --stranger names another authority, whose
certificate the laptop must not accept. Prints what it did, at SIGTERM, as JSON.
"""
import argparse, collections, http.client, json, pathlib, random, signal, socket, ssl, struct, sys, threading, time

# What each fault does.
WIRE = {
    "cut-up": "the connection is reset after some bytes of the laptop's",
    "cut-down": "the connection is reset after some bytes of the central's",
    "flip-up": "one bit on the way up is changed",
    "flip-down": "one bit on the way down is changed",
    "stall": "everything passes for some bytes, then nothing, then it is hung up",
    "silence": "taken, never answered, hung up",
    "slow": "small pieces, each of them late, until it is reset",
    "portal-plain": "an HTTP page where TLS was expected",
}
HTTP = {
    "drop-request": "half of the request reaches the central, then both ends are cut",
    "drop-response": "the request reaches the central whole; its answer is lost",
    "cut-response": "a part of the answer, then the connection is reset",
    "twice": "the request reaches the central twice; the second answer counts",
    "late": "the answer comes late",
    "reorder": "the answer waits until a later one has passed",
    "swap": "the answer to another request of that method",
    "portal": "a page of a captive portal, with status 200",
    "redirect": "a portal's redirect",
    "fake-json": "status 200 and JSON that says all is well",
    "fake-receipt": "status 200 and something like a receipt",
    "old-receipt": "a true receipt of another envelope",
    "broken-receipt": "the true receipt with one bit changed",
    "corrupt-request": "one bit of the body on its way up is changed",
    "corrupt-response": "one bit of the body on its way down is changed",
    "busy": "status 503 with a page of the proxy's own",
    "wrong-offset": "another number than the central's for the bytes that it holds",
}
OTHER = {"stranger": "TLS under another authority's certificate"}
FAULTS = WIRE | HTTP | OTHER

RECEIPT = "application/vnd.plaza.receipt"
PAGE = b"<html><head><title>Bienvenido</title></head><body>Acepte los t\xc3\xa9rminos para navegar.</body></html>"
JSON = "application/json"


class Gone(Exception):
    """The connection ends here, on purpose."""


def reset(*ends):
    """Ends connections at once: the other end sees a reset, not an orderly close."""
    for end in ends:
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def flip(data, where, bit):
    return data[:where] + bytes([data[where] ^ 1 << bit]) + data[where + 1:]


class Answer:
    def __init__(self, status, kind, body, more=()):
        self.status, self.kind, self.body, self.more = status, kind, body, list(more)

    def to_bytes(self, bodyless):
        lines = [f"HTTP/1.1 {self.status} Chaos", *(f"{name}: {value}" for name, value in self.more)]
        if self.kind:
            lines.append(f"Content-Type: {self.kind}")
        if self.status != 304:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if bodyless else self.body)


class BadProxy:
    def __init__(self, port, target, faults=(), share=0.5, seed=1, tls=None, stranger=None, patience=0.5, calm=0):
        """port: to listen on. target: of the central, on this machine. share: of connections, and of requests, that
        draw a fault. tls, stranger: folders with ca.pem, server.pem, server.key. patience: seconds a stall lasts.
        calm: how many draws come out well at first."""
        self.target, self.share, self.patience, self.calm = target, share, patience, calm
        self.faults = tuple(faults)
        unknown = set(self.faults) - set(FAULTS)
        if unknown:
            raise ValueError(f"no such fault: {', '.join(sorted(unknown))}")
        self.http = [name for name in self.faults if name in HTTP]
        self.count = collections.Counter()            # fault -> how often it struck; what came through is a "pass"
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.receipts = collections.deque(maxlen=50)  # true ones, for old-receipt
        self.answers = {}                             # method -> a true answer, for swap
        self.passed = threading.Condition()           # an answer has gone out, for reorder
        self.own = self.context_of(tls)
        self.other = self.context_of(stranger)
        self.up = None
        if tls:
            self.up = ssl.create_default_context(cafile=pathlib.Path(tls) / "ca.pem")
        self.listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    @staticmethod
    def context_of(folder):
        if folder is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pathlib.Path(folder) / "server.pem", pathlib.Path(folder) / "server.key")
        return context

    def close(self):
        self.listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self.listening.close()

    def draw(self, names):
        with self.lock:
            self.calm -= 1
            if not names or self.calm >= 0 or self.chance.random() >= self.share:
                return "pass"
            return self.chance.choice(names)

    def below(self, n):
        with self.lock:
            return self.chance.randrange(max(n, 1))

    def did(self, what):
        with self.lock:
            self.count[what] += 1

    def accept(self):
        while True:
            try:
                laptop, _ = self.listening.accept()
            except OSError:
                return
            laptop.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(laptop, self.draw(self.faults)), daemon=True).start()

    def serve(self, laptop, fault):
        try:
            if fault in HTTP or fault == "pass" and self.http:
                with self.own.wrap_socket(laptop, server_side=True) as secured:
                    self.serve_requests(secured, fault)
            else:
                self.serve_bytes(laptop, fault)
        except (OSError, Gone, http.client.HTTPException):
            pass
        finally:
            reset(laptop)
            laptop.close()

    # --- the wire ----------------------------------------------------------------------------
    def serve_bytes(self, laptop, fault):
        if fault in ("pass", "slow", "stranger", "silence", "portal-plain"):
            self.did(fault)
        if fault == "stranger":
            self.other.wrap_socket(laptop, server_side=True).recv(1)
        elif fault == "silence":
            time.sleep(self.patience)
        elif fault == "portal-plain":
            laptop.recv(4096)
            laptop.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE)
        else:
            central = socket.create_connection(("127.0.0.1", self.target))
            central.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # The handshake, a request or its answer, or much later on the same connection.
            where = self.below(self.chance.choice((1000, 4000, 12000)))
            up = threading.Thread(target=self.pump, daemon=True,
                                  args=(laptop, central, fault if fault in ("cut-up", "flip-up", "slow") else None, where))
            up.start()
            down = fault if fault in ("cut-down", "flip-down", "stall", "slow") else None
            self.pump(central, laptop, down, where)
            up.join()
            central.close()

    def pump(self, source, drain, fault, where):
        """Passes bytes on until the end, or until the fault strikes at byte number where."""
        passed, waiting = 0, fault not in (None, "slow")
        try:
            while data := source.recv(1400 if fault else 65536):
                if fault == "slow":
                    time.sleep(min(self.patience / 20, 0.02))
                    if passed > 4 * where:
                        raise Gone
                elif waiting and passed + len(data) > where:
                    waiting = False
                    self.did(fault)
                    if fault.startswith("cut"):
                        drain.sendall(data[:where - passed])
                        raise Gone
                    if fault == "stall":
                        time.sleep(self.patience)
                        raise Gone
                    data = flip(data, where - passed, self.below(8))
                passed += len(data)
                drain.sendall(data)
            drain.shutdown(socket.SHUT_WR)
        except (OSError, Gone):
            reset(source, drain)
        if waiting:
            self.did("pass")

    # --- HTTP --------------------------------------------------------------------------------
    def serve_requests(self, laptop, fault):
        reader = laptop.makefile("rb")
        while request := self.read_request(reader):
            answer = self.answer(fault, *request)
            if fault == "cut-response":
                data = answer.to_bytes(request[0] == "HEAD")
                laptop.sendall(data[:self.below(len(data))])
                raise Gone
            laptop.sendall(answer.to_bytes(request[0] == "HEAD"))
            with self.passed:
                self.passed.notify_all()
            fault = self.draw(self.http)

    @staticmethod
    def read_request(reader):
        line = reader.readline(65537)
        if not line:
            return None
        method, path, _ = line.decode("latin-1").split(" ", 2)
        headers = {}
        while (line := reader.readline(65537)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip()] = value.strip()
        length = next((int(v) for n, v in headers.items() if n.lower() == "content-length"), 0)
        return method, path, headers, reader.read(length) if length else b""

    def ask(self, method, path, headers, body):
        """The central's own answer."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.target, context=self.up, timeout=60)
        try:
            connection.request(method, path, body if body or "Content-Length" in headers else None, headers)
            got = connection.getresponse()
            kept = [(n, v) for n, v in got.getheaders()
                    if n.lower() not in ("content-length", "content-type", "connection", "transfer-encoding")]
            answer = Answer(got.status, got.getheader("Content-Type"), got.read(), kept)
        finally:
            connection.close()
        return answer

    def forward(self, method, path, headers, body):
        answer = self.ask(method, path, headers, body)
        with self.lock:
            if answer.status == 200 and answer.kind == RECEIPT:
                self.receipts.append(answer.body)
        return answer

    def answer(self, fault, method, path, headers, body):
        if fault in ("drop-request", "portal", "redirect", "fake-json", "busy", "fake-receipt"):
            self.did(fault)
            return self.answer_alone(fault, method, path, headers, body)
        if fault == "old-receipt":
            with self.lock:
                if self.receipts:
                    self.count[fault] += 1
                    return Answer(200, RECEIPT, self.chance.choice(self.receipts))
            fault = "pass"
        if fault == "corrupt-request":
            if body:
                body = flip(body, self.below(len(body)), self.below(8))
            else:
                fault = "pass"
        if fault == "twice":
            self.forward(method, path, headers, body)
        answer = self.forward(method, path, headers, body)
        self.did(fault if self.spoil(fault, method, answer) else "pass")
        if fault == "drop-response":
            raise Gone
        return answer

    def answer_alone(self, fault, method, path, headers, body):
        """What the central is not asked for."""
        if fault == "drop-request":
            self.send_half(method, path, headers, body)
            raise Gone
        if fault == "portal":
            return Answer(200, "text/html; charset=utf-8", PAGE)
        if fault == "redirect":
            return Answer(302, "text/html", b"", [("Location", "http://portal.invalid/entrar")])
        if fault == "fake-json":
            return Answer(200, JSON, b'{"ok":true,"code":"ok","offset":4194304,"message":"Recibido"}')
        if fault == "busy":
            return Answer(503, "text/html", PAGE, [("Retry-After", "0")])
        with self.lock:
            return Answer(200, RECEIPT, b"PLZRCP01" + self.chance.randbytes(self.chance.choice((0, 164, 177, 8000))))

    def spoil(self, fault, method, answer):
        """Changes the central's answer, or holds it up. False when the fault finds nothing to strike."""
        if fault == "late":
            time.sleep(self.patience / 2)
        elif fault == "reorder":
            with self.passed:
                return self.passed.wait(self.patience)
        elif fault == "swap":
            true = Answer(answer.status, answer.kind, answer.body, answer.more)
            with self.lock:
                other, self.answers[method] = self.answers.get(method), true
            if other is None:
                return False
            vars(answer).update(vars(other))
        elif fault in ("corrupt-response", "broken-receipt"):
            if not answer.body or fault == "broken-receipt" and answer.kind != RECEIPT:
                return False
            answer.body = flip(answer.body, self.below(len(answer.body)), self.below(8))
        elif fault == "wrong-offset":
            return self.change_offset(answer)
        return True

    def change_offset(self, answer):
        if not answer.kind or not answer.kind.startswith(JSON):
            return False
        said = json.loads(answer.body)
        if "offset" not in said:
            return False
        offset = self.below(2 * said["offset"] + 4096)
        answer.body = json.dumps(said | {"offset": offset}).encode()
        return offset != said["offset"]

    def send_half(self, method, path, headers, body):
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n"
        with socket.create_connection(("127.0.0.1", self.target)) as plain:
            with self.up.wrap_socket(plain, server_hostname="127.0.0.1") as central:
                data = head.encode("latin-1") + body
                central.sendall(data[:self.below(len(data))])
                reset(plain)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0],
                                     epilog="faults: " + "; ".join(f"{n}: {w}" for n, w in FAULTS.items()))
    parser.add_argument("port", type=int)
    parser.add_argument("target", type=int)
    parser.add_argument("--faults", default=",".join(WIRE))
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tls")
    parser.add_argument("--stranger")
    parser.add_argument("--patience", type=float, default=0.5)
    options = parser.parse_args()
    proxy = BadProxy(options.port, options.target, options.faults.split(","), options.share, options.seed, options.tls,
                     options.stranger, options.patience)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    print(json.dumps(proxy.count))


if __name__ == "__main__":
    main()
