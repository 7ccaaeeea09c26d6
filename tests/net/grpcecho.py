#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gRPC with bytes as messages: grpcecho.py server ADDRESS PORT CERT KEY, or
grpcecho.py client ADDRESS PORT NAME CAFILE: unary, both ways at once, a
deadline, a status with a text, and a cancelled call."""
import concurrent.futures
import sys
import threading
import time

import grpc

cancelled = threading.Event()


class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        kinds = {
            "/e/Unary": grpc.unary_unary_rpc_method_handler(
                lambda m, ctx: m[::-1]),
            "/e/Slow": grpc.unary_unary_rpc_method_handler(self.slow),
            "/e/Fail": grpc.unary_unary_rpc_method_handler(self.fail),
            "/e/Both": grpc.stream_stream_rpc_method_handler(self.both),
            "/e/Seen": grpc.unary_unary_rpc_method_handler(
                lambda m, ctx: b"%d" % cancelled.wait(5)),
        }
        return kinds.get(details.method)

    def slow(self, m, ctx):
        ctx.add_callback(cancelled.set)
        for _ in range(50):
            if not ctx.is_active():
                break
            time.sleep(0.1)
        return m

    def fail(self, m, ctx):
        ctx.abort(grpc.StatusCode.NOT_FOUND, "no such thing: \u00e4%")

    def both(self, messages, ctx):
        for m in messages:
            yield m + b"!"
        yield b"bye"


def serve(addr, port, cert, key):
    with open(cert, "rb") as c, open(key, "rb") as k:
        cred = grpc.ssl_server_credentials([(k.read(), c.read())])
    s = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
    s.add_generic_rpc_handlers((Echo(),))
    if s.add_secure_port("%s:%s" % (addr, port), cred) == 0:
        sys.exit("no port")
    s.start()
    print("ready", flush=True)
    s.wait_for_termination()


def check(what, ok):
    print("%s: %s" % ("ok" if ok else "BAD", what), flush=True)
    if not ok:
        sys.exit(1)


def client(addr, port, name, ca):
    with open(ca, "rb") as f:
        cred = grpc.ssl_channel_credentials(f.read())
    ch = grpc.secure_channel("%s:%s" % (addr, port), cred, [
        ("grpc.ssl_target_name_override", name),
        ("grpc.max_receive_message_length", 1 << 25),
        ("grpc.enable_http_proxy", 0)])
    check("unary", ch.unary_unary("/e/Unary")(b"abc", timeout=10) == b"cba")
    big = bytes(range(256)) * 12000
    check("3 MB both ways",
          ch.unary_unary("/e/Unary")(big, timeout=20) == big[::-1])
    turn = threading.Semaphore(1)

    def talk():
        for i in range(20):
            turn.acquire()
            yield b"%d" % i

    got = []
    for m in ch.stream_stream("/e/Both")(talk(), timeout=10):
        got.append(m)
        turn.release()
    check("by turns", got == [b"%d!" % i for i in range(20)] + [b"bye"])
    try:
        ch.unary_unary("/e/Fail")(b"", timeout=10)
        check("status", False)
    except grpc.RpcError as e:
        check("status in the trailers",
              e.code() == grpc.StatusCode.NOT_FOUND and
              e.details() == "no such thing: \u00e4%")
    try:
        ch.unary_unary("/e/None")(b"", timeout=10)
        check("unknown", False)
    except grpc.RpcError as e:
        check("trailers only", e.code() == grpc.StatusCode.UNIMPLEMENTED)
    try:
        ch.unary_unary("/e/Slow")(b"", timeout=0.5)
        check("deadline", False)
    except grpc.RpcError as e:
        check("deadline", e.code() == grpc.StatusCode.DEADLINE_EXCEEDED)
    check("the server was told",
          ch.unary_unary("/e/Seen")(b"", timeout=10) == b"1")


if sys.argv[1] == "server":
    serve(*sys.argv[2:6])
else:
    client(*sys.argv[2:6])
