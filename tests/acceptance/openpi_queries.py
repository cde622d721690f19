"""openpi_queries.py PORT FOLDER [CLIENTS]: asks `divla serve` with the real openpi-client what FOLDER's *.msgpack say, and
compares each answer bit for bit with *.actions and *.reasoning. Several clients share the questions and ask at once."""

import pathlib
import sys
import threading

import numpy as np
from openpi_client import msgpack_numpy, websocket_client_policy


def ask(port, paths, problems):
    policy = websocket_client_policy.WebsocketClientPolicy("127.0.0.1", port)
    robots = policy.get_server_metadata()["divla"]["robots"]
    for path in paths:
        observation = msgpack_numpy.unpackb(path.read_bytes())
        answer = policy.infer(observation)
        actions, body = answer["actions"], robots[observation["robot"]]
        if actions.dtype != np.dtype("<f4") or actions.shape != (body["chunk"], body["action_dim"]):
            problems.append(f"{path.name}: {actions.dtype} {actions.shape}")
        elif actions.tobytes() != path.with_suffix(".actions").read_bytes():
            expected = np.frombuffer(path.with_suffix(".actions").read_bytes(), "<f4").reshape(actions.shape)
            problems.append(f"{path.name}: actions differ by up to {np.abs(actions - expected).max()}")
        if answer["reasoning"] != path.with_suffix(".reasoning").read_text():
            problems.append(f"{path.name}: reasoning {answer['reasoning']!r}")


def main():
    port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    clients = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    paths = sorted(folder.glob("*.msgpack"))
    problems = []
    threads = [threading.Thread(target=ask, args=(port, paths[i::clients], problems)) for i in range(clients)]
    before = threading.excepthook
    threading.excepthook = lambda args: (problems.append(repr(args.exc_value)), before(args))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for problem in problems[:5]:
        print(problem, file=sys.stderr)
    print(f"figure {len(paths)} queries of {clients} client(s), {len(problems)} differ")
    sys.exit(len(paths) == 0 or len(problems) > 0)


main()
