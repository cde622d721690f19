"""One environment: episodes of one task, one after another."""

from typing import Any, Optional, Sequence

import gymnasium
import numpy as np

from divla_bench.core import Batch
from divla_bench.seeds import check_options, checked_index, checked_seed, draw_seed
from divla_bench.spaces import action_space, observation_space, single


class Env(gymnasium.Env):
    """A task of DiVLA-Bench at 20 Hz.

    task        a name of divla_bench.TASKS; gymnasium.make fills it in from the id
    axis, level a perturbation of `divla list axes` ("none", 0: the training distribution)
    action      "joint_position" (rad and gripper 0 to 1, arm after arm) or "end_effector_pose" (sim/action.h)
    cameras     names in the order wanted; None: all of the robot; (): no pictures, which are what takes the time
    height, width  of every picture, pixels
    reward      "sparse": 1 for the step with which the episode succeeds; "progress": growth of info["progress"]
    renderer    "software" (the same bytes on every machine) or "gl"
    render_height, render_width   of render()

    Observation: images {camera: uint8 (height, width, 3)}, state float32 (rad; gripper 0 closed to 1 open), tool float32
    (xyz in m and two rows of the rotation, arm after arm), prompt str.

    terminated: the goal has held for half a second, the simulation diverged, or the action was refused (rotation rows
    without a direction); truncated: the task's horizon.
    info: success, progress, predicates, stages, objects, steps, instruction, seed, index, key, hash, termination,
    failure, error.

    reset(seed=S) begins the episode that `divla eval --seed S` plays as number 0 of this task, axis and level;
    options={"index": I} number I. A reset without a seed begins the next index of the last seed; the very first one
    draws a seed of the training range.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}

    def __init__(
        self,
        task: str,
        axis: str = "none",
        level: int = 0,
        action: str = "joint_position",
        cameras: Optional[Sequence[str]] = None,
        height: int = 224,
        width: int = 224,
        reward: str = "sparse",
        renderer: str = "software",
        render_mode: Optional[str] = None,
        render_height: int = 480,
        render_width: int = 640,
    ):
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode: expected None or 'rgb_array', found {render_mode!r}")
        self.render_mode = render_mode
        self._render_size = (render_height, render_width)
        # One environment steps on the calling thread: it has no threads that a fork would lose.
        self._batch = Batch(
            task=task, axis=axis, level=level, action=action, cameras=None if cameras is None else list(cameras),
            height=height, width=width, reward=reward, renderer=renderer, num_envs=1, threads=1, autoreset="disabled",
        )  # fmt: skip
        self.shape = self._batch.shape
        self.observation_space = observation_space(self.shape)
        self.action_space = action_space(self.shape, action)
        self._begun = False

    def reset(self, *, seed: Optional[int] = None, options: Optional[dict[str, Any]] = None):
        if seed is not None:
            seed = checked_seed(seed)
        super().reset(seed=seed)
        options = options or {}
        check_options(options, {"index"})
        batch = self._open()
        if seed is None and "index" not in options and self._begun:
            batch.reset_to_next([True])
        else:
            if seed is None:
                seed = batch.report(0)["seed"] if self._begun else draw_seed(self.np_random)
            self._begun = False  # until it has
            batch.reset([(seed, checked_index(options.get("index", 0)))])
        self._begun = True
        return self._observation(), batch.report(0)

    def step(self, action):
        batch = self._open()
        action = np.asarray(action, np.float32)
        if action.shape != self.action_space.shape:
            raise ValueError(f"action: expected shape {self.action_space.shape}, found {action.shape}")
        batch.step(action)
        rewards, terminations, truncations = batch.results()
        return self._observation(), float(rewards[0]), bool(terminations[0]), bool(truncations[0]), batch.report(0)

    def render(self):
        if self.render_mode is None:
            return None
        return self._open().render(*self._render_size)[0]

    def close(self):
        self._batch = None

    def _open(self) -> Batch:
        if self._batch is None:
            raise RuntimeError("this environment was closed")
        return self._batch

    def _observation(self) -> dict:
        return single(self._batch.observations(), 0)
