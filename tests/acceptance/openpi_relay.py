"""openpi_relay.py SERVER_PORT COUNTS: a policy server whose policy is the real openpi-client, asking `divla serve` behind it.
So every observation of `divla eval --policy ws://...` passes openpi's own code twice, and so does every answer. Prints its
port, and writes into the file COUNTS how many queries it passed on."""

import sys
import threading

import websockets.sync.server
from openpi_client import msgpack_numpy, websocket_client_policy

server_port, counts = int(sys.argv[1]), sys.argv[2]
lock = threading.Lock()
queries = 0


def count():
    global queries
    with lock:
        queries += 1
        with open(counts, "w") as file:
            file.write(f"{queries}\n")


def relay(connection):
    policy = websocket_client_policy.WebsocketClientPolicy("127.0.0.1", server_port)
    connection.send(msgpack_numpy.packb(policy.get_server_metadata()))
    for message in connection:
        answer = policy.infer(msgpack_numpy.unpackb(message))
        count()
        connection.send(msgpack_numpy.packb(answer))


with websockets.sync.server.serve(relay, "127.0.0.1", 0, compression=None, max_size=None) as server:
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()
