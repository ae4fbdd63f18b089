#!/usr/bin/env python3
"""Load on the Kubernetes-style API: single objects, long lists, many watches. Anything that speaks the API can be measured:

    scripts/bench_apiserver.py --qalam build/release/qalam
    scripts/bench_apiserver.py --qalam build/release/qalam --beside https://127.0.0.1:6443 --beside-token TOKEN [--beside-pid PID]...

The client takes as much of the machine as the server, so numbers are those of both together. Objects are config maps of 2 KB in the
namespace `default`; they are removed in the end.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import re
import resource
import select
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse

MAPS = "/api/v1/namespaces/default/configmaps"
SENT = re.compile(rb'"sent":"(\d+)"')


class Server:
    def __init__(self, name, url, token, pids):
        self.name, self.token, self.pids = name, token, pids
        parts = urllib.parse.urlsplit(url)
        self.address, self.tls = (parts.hostname, parts.port), parts.scheme == "https"

    def connect(self):
        plain = socket.create_connection(self.address, timeout=120)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.tls:
            return plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(plain)

    def send(self, connection, method, path, body=None):
        text = b"" if body is None else json.dumps(body).encode()
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: {self.address[0]}:{self.address[1]}\r\nAuthorization: Bearer "
                           f"{self.token}\r\nAccept: application/json\r\nContent-Type: {kind}\r\n"
                           f"Content-Length: {len(text)}\r\n\r\n".encode() + text)

    def call(self, connection, method, path, body=None):
        """Status and body."""
        self.send(connection, method, path, body)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive(connection)
        head, _, data = data.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = re.search(rb"(?i)content-length: (\d+)", head)
        parts, size = [data], len(data)
        while (size < int(length[1])) if length else not parts[-1].endswith(b"0\r\n\r\n"):
            parts.append(self.receive(connection))
            size += len(parts[-1])
        return status, b"".join(parts)

    @staticmethod
    def receive(connection):
        data = connection.recv(1 << 20)
        if not data:
            raise ConnectionError("the server has closed the connection")
        return data

    def memory(self):
        """Resident, in MB, of all its processes."""
        pages = sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def body(name, sent=0):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"},
            "data": {"sent": str(sent), "filling": "x" * 1800}}


def work(server, task, share, results):
    connection = server.connect()
    for number in share:
        status, text = server.call(connection, *task(number))
        if status not in (200, 201):
            raise RuntimeError(f"{status}: {text[:300]}")
    results.put(len(share))


def rate(server, task, numbers, workers=4):
    """Calls a second, each worker one after another."""
    results = multiprocessing.Queue()
    shares = [range(numbers.start + w, numbers.stop, workers) for w in range(workers)]
    processes = [multiprocessing.Process(target=work, args=(server, task, share, results)) for share in shares]
    begin = time.monotonic()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode:
            raise SystemExit("a worker has failed")
    return len(numbers) / (time.monotonic() - begin)


def watches(server, count, path):
    """Connections with a watch from now on, each past the head of its answer."""
    version = json.loads(server.call(server.connect(), "GET", MAPS + "?limit=1")[1])["metadata"]["resourceVersion"]
    connections = []
    for _ in range(count):
        connections.append(server.connect())
        server.send(connections[-1], "GET", f"{path}&resourceVersion={version}")
    for connection in connections:
        if not server.receive(connection).startswith(b"HTTP/1.1 200"):
            raise SystemExit("a watch was refused")
    return connections


def listen(server, count, updates, ready, results):
    """Delays of all events on all watches, in seconds."""
    connections = watches(server, count, MAPS + "?watch=1")
    poll, by_fd = select.epoll(), {}
    for connection in connections:
        connection.setblocking(False)
        poll.register(connection.fileno(), select.EPOLLIN)
        by_fd[connection.fileno()] = [connection, b""]
    ready.set()
    delays, end = [], time.monotonic() + 120
    while len(delays) < count * updates and time.monotonic() < end:
        for fd, _ in poll.poll(1):
            entry = by_fd[fd]
            try:
                while True:
                    data = entry[0].recv(1 << 16)
                    if not data:
                        raise SystemExit("a watch has ended")
                    entry[1] += data
                    if len(data) < 1 << 16:
                        break
            except (BlockingIOError, ssl.SSLWantReadError):
                pass
            now = time.time_ns()
            lines, _, entry[1] = entry[1].rpartition(b"\n")
            delays += [(now - int(sent)) / 1e9 for sent in SENT.findall(lines)]
    results.put(delays)


def delivery(server, count, per_second, seconds):
    """How many events came of how many, and their delays."""
    updates = per_second * seconds
    context = multiprocessing.get_context("fork")
    ready, results = context.Event(), context.Queue()
    listener = context.Process(target=listen, args=(server, count, updates, ready, results))
    listener.start()
    ready.wait()
    connection = server.connect()
    begin = time.monotonic()
    for number in range(updates):
        time.sleep(max(0.0, begin + number / per_second - time.monotonic()))
        server.call(connection, "PATCH", f"{MAPS}/m{number % 100}", {"data": {"sent": str(time.time_ns())}})
    took = time.monotonic() - begin
    delays = sorted(results.get())
    listener.join()
    return delays, updates / took


def measure(server, options):
    def row(what, value):
        print(f"{server.name:15} {what:45} {value}", flush=True)

    row("memory at the beginning", f"{server.memory():.0f} MB")
    row(f"create {options.objects} objects", f"{rate(server, lambda n: ('POST', MAPS, body(f'm{n}')), range(options.objects)):.0f}/s")
    row("get single objects", f"{rate(server, lambda n: ('GET', f'{MAPS}/m{n % options.objects}'), range(options.gets)):.0f}/s")
    connection, times = server.connect(), []
    for _ in range(5):
        begin = time.monotonic()
        text = server.call(connection, "GET", MAPS)[1]
        times.append(time.monotonic() - begin)
    row(f"list of {options.objects} objects ({len(text) / 1e6:.0f} MB)", f"{sorted(times)[2] * 1000:.0f} ms")
    row("memory with them", f"{server.memory():.0f} MB")
    idle = watches(server, options.idle, MAPS.replace("default", "kube-public") + "?watch=1")
    row(f"memory with {options.idle} idle watches", f"{server.memory():.0f} MB")
    delays, reached = delivery(server, options.watchers, options.updates, options.seconds)
    row(f"{options.watchers} watches, updates a second", f"{reached:.0f}")
    row("deliveries", f"{len(delays)} of {options.watchers * options.updates * options.seconds}")
    for name, part in (("p50", 0.5), ("p99", 0.99), ("worst", 1)):
        row(f"delivery, {name}", f"{delays[min(len(delays) - 1, int(len(delays) * part))] * 1000:.0f} ms")
    row("memory with those", f"{server.memory():.0f} MB")
    for watch in idle:
        watch.close()
    rate(server, lambda n: ("DELETE", f"{MAPS}/m{n}"), range(options.objects))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qalam", default="build/release/qalam")
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--gets", type=int, default=20_000)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--watchers", type=int, default=1_000)
    parser.add_argument("--updates", type=int, default=100, help="a second; each goes to every watcher")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--beside", metavar="URL", help="another API server")
    parser.add_argument("--beside-token", default="")
    parser.add_argument("--beside-pid", type=int, action="append", default=[], help="for its memory; etcd's, too")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen([os.path.abspath(options.qalam), "serve", "--services", "api", "--http", "127.0.0.1:0"],
                                   cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            address = re.search(r"https://(\S+?)[;\s]", process.stdout.readline())[1]
            token = pathlib.Path(folder, ".qalam/access/admin.token").read_text(encoding="utf-8").strip()
            measure(Server("qalam", "http://" + address, token, [process.pid]), options)
        finally:
            process.terminate()
            process.wait()
    if options.beside:
        measure(Server("beside", options.beside, options.beside_token, options.beside_pid), options)


if __name__ == "__main__":
    main()
