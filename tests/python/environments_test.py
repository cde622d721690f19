"""The module divla_bench against Gymnasium's own checks and vector environments, and against run folders of `divla`.

Needs PYTHONPATH (python/run.sh --path); DIVLA is another built program than build/release's. Run by tests/acceptance/gymnasium.sh.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
import warnings
from pathlib import Path

import divla_bench
import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("DIVLA", str(ROOT / "build/release/harness/divla"))
NAMES = [task["name"] for task in divla_bench.TASKS]
TASK = "cube_to_coloured_box"
SMALL = {"height": 24, "width": 32}


def make(task=TASK, **kwargs):
    return gymnasium.make(f"DiVLABench/{task}-v1", **{**SMALL, **kwargs})


def make_vec(task=TASK, **kwargs):
    mode = {"vectorization_mode": "vector_entry_point"}
    return gymnasium.make_vec(f"DiVLABench/{task}-v1", **{**SMALL, **mode, **kwargs})


def read_log(file: Path):
    """(kind, actions) of logs/KEY.bin; the format is in harness/log.h."""
    data = file.read_bytes()
    assert data[:8] == b"DIVLALOG"
    at = 12

    def take(form):
        nonlocal at
        values = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return values

    def text():
        nonlocal at
        (count,) = take("Q")
        at += count
        return data[at - count : at].decode()

    text(), text(), take("iiQ"), text(), text()
    kind, steps, dim = take("III")
    return kind, np.frombuffer(data, "<f4", steps * dim, at).reshape(steps, dim)


class Checker(unittest.TestCase):
    def test_every_task_passes_gymnasiums_checker(self):
        self.assertEqual(len(NAMES), len(set(NAMES)))
        self.assertGreaterEqual(len(NAMES), 12)
        for name in NAMES:
            for action in ("joint_position", "end_effector_pose"):
                with self.subTest(name, action=action), warnings.catch_warnings(record=True) as raised:
                    warnings.simplefilter("always")
                    env = gymnasium.make(f"DiVLABench/{name}-v1", action=action, height=48, width=64)
                    check_env(env.unwrapped)
                    self.assertEqual(env.spec.id, f"DiVLABench/{name}-v1")
                    # An action is in rad and m, as the robot's limits are: the checker would like it in [-1, 1].
                    others = [str(one.message) for one in raised if "symmetric and normalized" not in str(one.message)]
                    self.assertEqual(others, [])

    def test_observations_stay_in_their_space(self):
        language = ["instruction_paraphrase", "instruction_synonym", "instruction_intent", "instruction_steps",
                    "instruction_noise", "environment_sensor_noise", "environment_table_height"]  # fmt: skip
        known = subprocess.run([PROGRAM, "list", "axes"], capture_output=True, text=True, check=True).stdout
        for axis in language:
            self.assertIn(axis, known)
            for task in (TASK, "transfer_cube", "factory_sorting"):
                try:
                    env = make(task, axis=axis, level=5, cameras=())
                except ValueError as error:
                    self.assertIn("does not apply", str(error))
                    continue
                with self.subTest(axis=axis, task=task):
                    for seed in range(3):
                        env.action_space.seed(seed)
                        observation, _ = env.reset(seed=seed)
                        self.assertIn(observation, env.observation_space)
                        for _ in range(20):
                            observation = env.step(env.action_space.sample())[0]
                            self.assertIn(observation, env.observation_space)


class SameAsTheProgram(unittest.TestCase):
    def test_seed_and_index_name_the_episodes_of_a_run_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            cells = [{"task": NAMES, "axis": "none", "level": 0, "episodes": 2},
                     {"task": [TASK, "transfer_cube"], "axis": "environment_lighting", "level": 5, "episodes": 1}]  # fmt: skip
            suite = {"format": "divla-suite", "name": "every", "version": 1, "summary": "every task", "seed": 1,
                     "group_size": 2, "cells": cells}  # fmt: skip
            file, run = Path(folder, "every.json"), Path(folder, "run")
            file.write_text(json.dumps(suite))
            subprocess.run([PROGRAM, "eval", "--suite", file, "--policy", "random", "--seed", "7", "--frames", "none",
                            "--quiet", "--out", run], check=True, capture_output=True)  # fmt: skip
            records = [json.loads(line) for line in Path(run, "episodes.jsonl").read_text().splitlines()]
            self.assertEqual(len(records), 2 * len(NAMES) + 2)
            for record in records:
                key = record["key"]
                name = f"{key['task']}.{key['axis']}.{key['level']}.{key['index']:04d}"
                with self.subTest(name):
                    kind, actions = read_log(run / "logs" / f"{name}.bin")
                    action = ["joint_position", "end_effector_pose"][kind]
                    env = make(key["task"], axis=key["axis"], level=key["level"], action=action, cameras=())
                    observation, info = env.reset(seed=7, options={"index": key["index"]})
                    self.assertEqual(info["key"], name)
                    self.assertEqual(info["hash"]["scene"], record["hash"]["scene"])
                    self.assertEqual(info["hash"]["initial_state"], record["hash"]["initial_state"])
                    self.assertEqual(observation["prompt"], record["instruction"])
                    for one in actions:
                        _, _, terminated, truncated, info = env.step(one)
                    self.assertTrue(terminated or truncated)
                    self.assertEqual(info["hash"]["actions"], record["hash"]["actions"])
                    self.assertEqual(info["hash"]["states"], record["hash"]["states"])
                    self.assertEqual(info["termination"], record["termination"])
                    self.assertEqual(info["failure"], record["failure"])
                    self.assertEqual(info["success"], record["success"])
                    self.assertEqual(info["progress"], record["progress"])
                    self.assertEqual(info["steps"], record["steps"])

    def test_a_module_loaded_in_the_usual_way_would_compute_otherwise(self):
        folder = Path(divla_bench.__file__).parent
        script = (
            "import importlib.util as util\n"
            f"spec = util.spec_from_file_location('_core', {str(next(folder.glob('_core*.so')))!r})\n"
            "core = util.module_from_spec(spec)\n"
            "spec.loader.exec_module(core)\n"
            "print(len(core.foreign_functions()))"
        )
        result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        self.assertGreater(int(result.stdout), 10, "then divla_bench/core.py is needless")
        self.assertEqual(divla_bench.core._core.foreign_functions(), [])

    def test_no_libtorch_comes_along(self):
        self.assertNotIn("libtorch", Path("/proc/self/maps").read_text())

    def test_seeds_that_nobody_named_are_for_training(self):
        env, envs = make(cameras=()), make_vec(cameras=(), num_envs=3)
        seeds = [env.reset()[1]["seed"], *envs.reset()[1]["seed"]]
        self.assertEqual(len(set(seeds)), 4)
        for seed in seeds:
            self.assertGreaterEqual(seed, divla_bench.FIRST_TRAINING_SEED)
            self.assertLess(seed, divla_bench.FIRST_VALIDATION_SEED)


class Vector(unittest.TestCase):
    def assert_same(self, ours, theirs, path=""):
        if isinstance(theirs, dict):
            self.assertEqual(set(ours), set(theirs), path)
            for key in theirs:
                self.assert_same(ours[key], theirs[key], f"{path}/{key}")
        elif isinstance(theirs, np.ndarray) and theirs.dtype == object:
            for i, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                self.assert_same(one, other, f"{path}[{i}]")
        elif isinstance(theirs, np.ndarray):
            self.assertEqual(ours.dtype, theirs.dtype, path)
            self.assertTrue(np.array_equal(ours, theirs), path)
        elif isinstance(theirs, (tuple, list)):
            self.assertEqual(len(ours), len(theirs), path)
            for i, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                self.assert_same(one, other, f"{path}[{i}]")
        else:
            self.assertEqual(ours, theirs, path)

    # Gymnasium's own vector environment over our single one decides what each mode means.
    def play(self, mode, steps, task=TASK):
        ours = make_vec(task, num_envs=3, threads=2, autoreset_mode=mode, reward="progress")
        theirs = SyncVectorEnv([lambda: make(task, reward="progress")] * 3, autoreset_mode=mode)
        self.assertEqual(ours.observation_space, theirs.observation_space)
        self.assertEqual(ours.action_space, theirs.action_space)
        self.assertEqual(ours.metadata["autoreset_mode"], theirs.metadata["autoreset_mode"])
        self.assert_same(ours.reset(seed=5), theirs.reset(seed=5))
        ours.action_space.seed(1)
        # So that they do not all end at once.
        mask = np.array([False, True, False])
        for step in range(steps):
            if step == 20:
                self.assert_same(
                    ours.reset(options={"reset_mask": mask.copy()}), theirs.reset(options={"reset_mask": mask.copy()})
                )
            action = ours.action_space.sample()
            mine, other = ours.step(action), theirs.step(action)
            for part, (one, two) in enumerate(zip(mine, other, strict=True)):
                self.assert_same(one, two, f"step {step} part {part}")
            if step % 50 == 0:
                self.assertIn(mine[0], ours.observation_space)
            over = mine[2] | mine[3]
            if mode == AutoresetMode.DISABLED and over.any():
                self.assert_same(
                    ours.reset(options={"reset_mask": over.copy()}), theirs.reset(options={"reset_mask": over.copy()})
                )
        return ours

    def test_autoreset_modes_are_gymnasiums(self):
        horizon = next(task["horizon"] for task in divla_bench.TASKS if task["name"] == TASK)
        for mode in AutoresetMode:
            with self.subTest(mode):
                self.play(mode, horizon + 25)

    def test_seeds_masks_and_indices(self):
        envs = make_vec(num_envs=3, cameras=())
        _, infos = envs.reset(seed=40)
        self.assertEqual(list(infos["seed"]), [40, 41, 42])
        _, infos = envs.reset(seed=[9, None, 9], options={"index": [0, 4, 2]})
        self.assertEqual(list(infos["seed"]), [9, 41, 9])
        self.assertEqual(list(infos["index"]), [0, 4, 2])
        mask = np.array([True, False, True])
        _, infos = envs.reset(options={"reset_mask": mask})
        self.assertEqual(list(infos["_seed"]), [True, False, True])
        self.assertEqual([infos["index"][0], infos["index"][2]], [1, 3])
        env = make(cameras=())
        self.assertEqual(env.reset(seed=9)[1]["hash"], {k: infos_hash(envs, 9, 0)[k] for k in ("scene", "initial_state")})

    def test_observations_are_the_callers(self):
        envs = make_vec(num_envs=2)
        first, _ = envs.reset(seed=1)
        kept = first["images"]["left"].copy()
        second = envs.step(envs.action_space.sample())[0]
        self.assertFalse(np.shares_memory(first["images"]["left"], second["images"]["left"]))
        self.assertTrue(np.array_equal(first["images"]["left"], kept))

    def test_renders(self):
        envs = make_vec(num_envs=2, render_mode="rgb_array", render_height=24, render_width=32)
        observation, _ = envs.reset(seed=1)
        frames = envs.render()
        self.assertEqual(len(frames), 2)
        self.assertTrue(np.array_equal(np.stack(frames), observation["images"]["left"]))

    def test_other_threads_run_while_environments_step(self):
        envs = make_vec(num_envs=8, height=224, width=224, threads=1)
        envs.reset(seed=1)
        counted, stop = [0], threading.Event()

        def count():
            while not stop.is_set():
                counted[0] += 1

        thread = threading.Thread(target=count)
        thread.start()
        try:
            before = counted[0]
            envs._batch.step(envs.action_space.sample())
            during = counted[0] - before
        finally:
            stop.set()
            thread.join()
        # With the lock held the other thread could count only around the call.
        self.assertGreater(during, 1000)

    def test_says_what_does_not_fit(self):
        envs = make_vec(num_envs=2, cameras=())
        action = envs.action_space.sample()
        with self.assertRaisesRegex(ValueError, "environment 0 has not begun"):
            envs.step(action)
        envs.reset(seed=1)
        with self.assertRaisesRegex(ValueError, r"actions: expected shape \(2, 8\)"):
            envs.step(action[0])
        spoiled = action.copy()
        spoiled[1, 3] = np.nan
        with self.assertRaisesRegex(ValueError, "finite numbers.*environment 1"):
            envs.step(spoiled)
        for options, word in [({"reset_mask": [True, False]}, "reset_mask"), ({"reset_mask": np.zeros(2, bool)}, "one"),
                              ({"index": -1}, "index"), ({"index": [1]}, "index"), ({"seed": 3}, "seed")]:  # fmt: skip
            with self.assertRaisesRegex(ValueError, word):
                envs.reset(options=options)
        for seed in (-1, 2**63, [1], [1, "2"]):
            with self.assertRaises((ValueError, TypeError)):
                envs.reset(seed=seed)
        for arguments, word in [({"cameras": ["rear"]}, "rear"), ({"axis": "weather"}, "weather"), ({"level": 2}, "level"),
                                ({"num_envs": 0}, "num_envs"), ({"action": "torque"}, "torque"), ({"height": 0}, "height"),
                                ({"reward": "dense"}, "dense"), ({"renderer": "vulkan"}, "vulkan")]:  # fmt: skip
            with self.assertRaisesRegex(ValueError, word):
                make_vec(**arguments)
        envs.close()
        with self.assertRaisesRegex(RuntimeError, "closed"):
            envs.reset()


def infos_hash(envs, seed, index):
    """The hashes of environment 0 after it was reset to an episode."""
    _, infos = envs.reset(seed=[seed] * envs.num_envs, options={"index": index})
    return {key: values[0] for key, values in infos["hash"].items() if not key.startswith("_")}


if __name__ == "__main__":
    unittest.main()
