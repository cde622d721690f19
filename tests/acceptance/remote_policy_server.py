"""A policy server as openpi has them, with a scripted policy in place of a model: for tests/acceptance/remote_policy.sh.

Written on `websockets` and openpi-client's msgpack_numpy (both from PyPI): metadata first, then one answer for each
observation; what goes wrong is sent as a text frame with the traceback, and the connection closed with 1011.

It checks every observation against what openpi's policies read, and answers from that observation alone, so the same
episode gets the same answers however often it is played. The pictures go into the answers: a byte that arrives
otherwise changes the episode.
"""

import argparse
import asyncio
import hashlib
import os
import pathlib
import traceback

import numpy as np
import websockets
import websockets.asyncio.server
from openpi_client import msgpack_numpy


def noise(arrays, shape):
    """Numbers in [-1, 1) that every byte of the arrays decides."""
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).digest()
    count = int(np.prod(shape))
    words = [hashlib.sha256(digest + i.to_bytes(4, "little")).digest() for i in range((count + 3) // 4)]
    numbers = np.frombuffer(b"".join(words), "<u8")[:count]
    return (numbers >> 11).astype(np.float64).reshape(shape) / 2**52 - 1


def array(value, dtype, shape):
    assert isinstance(value, np.ndarray), f"expected an array, found {type(value)}"
    assert value.dtype == np.dtype(dtype) and value.shape == shape, f"found {value.dtype} {value.shape}"
    return value


def native(obs):
    joints = {"panda": 8, "agilex": 14}[obs["robot"]]
    pictures = [array(obs["images"][name], np.uint8, (224, 224, 3)) for name in sorted(obs["images"])]
    assert len(pictures) == 3, sorted(obs["images"])
    state = array(obs["state"], np.float32, (joints,))
    array(obs["tool"], np.float32, (9 * (joints // 7),))
    assert obs["reset"] == (obs["query"] == 0) and obs["step"] == round(obs["time"] / 0.05)
    assert isinstance(obs["seed"], int) and obs["episode"] >= 0
    waves = 0.1 * np.sin(0.3 * obs["step"] + np.arange(joints))
    actions = state + waves + 0.02 * noise(pictures, (16, joints))
    return {"actions": actions.astype(np.float32), "reasoning": "I follow the words: " + obs["prompt"]}


def libero(obs):
    assert set(obs) == {"observation/image", "observation/wrist_image", "observation/state", "prompt"}
    pictures = [array(obs[f"observation/{name}"], np.uint8, (224, 224, 3)) for name in ("image", "wrist_image")]
    state = array(obs["observation/state"], np.float32, (8,))
    assert abs(state[6] + state[7]) < 1e-6 and 0 <= state[6] <= 0.0401
    return {"actions": noise(pictures + [state], (10, 7))}


def aloha(obs):
    assert set(obs) == {"state", "images", "prompt"}
    assert set(obs["images"]) == {"cam_high", "cam_left_wrist", "cam_right_wrist"}
    pictures = [array(obs["images"][name], np.uint8, (3, 224, 224)) for name in sorted(obs["images"])]
    state = array(obs["state"], np.float32, (14,))
    return {"actions": state + 0.05 * noise(pictures, (50, 14))}


def droid(obs):
    pictures = [array(obs[f"observation/{name}"], np.uint8, (224, 224, 3))
                for name in ("exterior_image_1_left", "wrist_image_left")]
    state = array(obs["observation/joint_position"], np.float32, (7,))
    gripper = array(obs["observation/gripper_position"], np.float32, (1,))
    assert isinstance(obs["prompt"], str)
    return {"actions": noise(pictures + [state, gripper], (15, 8)).astype(np.float32)}


POLICIES = {"native": native, "libero": libero, "aloha": aloha, "droid": droid}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", choices=POLICIES, default="native")
    parser.add_argument("--port-file", type=pathlib.Path, required=True)
    parser.add_argument("--cut-at", type=int, default=-1, help="this query of the whole run is not answered but cut")
    parser.add_argument("--end-at", type=int, default=-1, help="at this query the server ends for good")
    arguments = parser.parse_args()
    policy = POLICIES[arguments.profile]
    packer = msgpack_numpy.Packer()
    queries = 0

    async def serve(websocket):
        nonlocal queries
        await websocket.send(packer.pack({"scripted": arguments.profile}))
        try:
            async for message in websocket:
                if queries == arguments.end_at:
                    os._exit(0)
                queries += 1
                if queries - 1 == arguments.cut_at:
                    websocket.transport.abort()
                    return
                answer = policy(msgpack_numpy.unpackb(message))
                await websocket.send(packer.pack({**answer, "policy_timing": {"infer_ms": 0.5 * queries}}))
        except websockets.ConnectionClosed:
            pass
        except Exception:
            traceback.print_exc()
            await websocket.send(traceback.format_exc())
            await websocket.close(1011, "Internal server error. Traceback included in previous frame.")

    async with websockets.asyncio.server.serve(serve, "127.0.0.1", 0, compression=None, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        unfinished = arguments.port_file.with_suffix(".new")
        unfinished.write_text(str(port))
        unfinished.rename(arguments.port_file)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
