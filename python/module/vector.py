"""Many environments of one task in one process, stepped by threads of the compiled module."""

from typing import Any, Optional, Sequence, Union

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from divla_bench.core import Batch
from divla_bench.seeds import check_options, checked_index, checked_seed, draw_seed
from divla_bench.spaces import action_space, observation_space, single, without_empty

_AUTORESET = {
    AutoresetMode.DISABLED: "disabled",
    AutoresetMode.NEXT_STEP: "next_step",
    AutoresetMode.SAME_STEP: "same_step",
}


class VectorEnv(gymnasium.vector.VectorEnv):
    """num_envs environments with the arguments of divla_bench.Env, and

    threads         that step and draw; 0: one for each processor. Results do not depend on it.
    autoreset_mode  an AutoresetMode or its value. DISABLED (the default) makes the caller reset what is over, with
                    options={"reset_mask": ...}: every episode is begun once and by its name. NEXT_STEP and SAME_STEP go
                    on with the next index of the environment's seed, so none is skipped either.

    reset(seed=S) gives environment i the seed S + i, as Gymnasium's vector environments do. The episodes 0 to 7 of one
    seed: reset(seed=[S] * 8, options={"index": range(8)}).
    Options: "reset_mask", a bool array: only these are reset; "index", one integer or one for each environment.
    """

    def __init__(
        self,
        task: str,
        num_envs: int = 1,
        threads: int = 0,
        autoreset_mode: Union[AutoresetMode, str] = AutoresetMode.DISABLED,
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
        super().__init__()
        if render_mode not in (None, "rgb_array"):
            raise ValueError(f"render_mode: expected None or 'rgb_array', found {render_mode!r}")
        mode = AutoresetMode(autoreset_mode)
        self.num_envs = num_envs
        self.render_mode = render_mode
        self._render_size = (render_height, render_width)
        self.metadata = {"render_modes": ["rgb_array"], "render_fps": 20, "autoreset_mode": mode}
        self._batch = Batch(
            task=task, axis=axis, level=level, action=action, cameras=None if cameras is None else list(cameras),
            height=height, width=width, reward=reward, renderer=renderer, num_envs=num_envs, threads=threads,
            autoreset=_AUTORESET[mode],
        )  # fmt: skip
        self.shape = self._batch.shape
        self.single_observation_space = observation_space(self.shape)
        self.single_action_space = action_space(self.shape, action)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._begun = np.zeros(num_envs, np.bool_)

    def reset(
        self,
        *,
        seed: Union[int, Sequence[Optional[int]], None] = None,
        options: Optional[dict[str, Any]] = None,
    ):
        batch = self._open()
        options = options or {}
        check_options(options, {"reset_mask", "index"})
        mask = self._reset_mask(options.get("reset_mask"))
        seeds = self._seeds(seed)
        indices = self._indices(options.get("index"))
        super().reset(seed=seed if isinstance(seed, (int, np.integer)) else None)

        choices = [None] * self.num_envs
        to_next = [False] * self.num_envs
        for i in np.flatnonzero(mask):
            if seeds[i] is None and indices[i] is None and self._begun[i]:
                to_next[i] = True
                continue
            if seeds[i] is None:
                seeds[i] = batch.report(i)["seed"] if self._begun[i] else draw_seed(self.np_random)
            choices[i] = (seeds[i], indices[i] or 0)
        self._begun[mask] = False  # until they have
        if any(to_next):
            batch.reset_to_next(to_next)
        if any(choice is not None for choice in choices):
            batch.reset(choices)
        self._begun[mask] = True

        infos: dict[str, Any] = {}
        for i in np.flatnonzero(mask):
            infos = self._add_info(infos, batch.report(i), i)
        return self._observations(), infos

    def step(self, actions):
        batch = self._open()
        actions = np.asarray(actions, np.float32)
        if actions.shape != self.action_space.shape:
            raise ValueError(f"actions: expected shape {self.action_space.shape}, found {actions.shape}")
        batch.step(actions)
        rewards, terminations, truncations = batch.results()
        infos: dict[str, Any] = {}
        for i in range(self.num_envs):
            final = batch.final(i)
            if final is not None:
                rows, report = final
                infos = self._add_info(infos, {"final_obs": single(rows, 0), "final_info": report}, i)
            infos = self._add_info(infos, batch.report(i), i)
        return self._observations(), rewards, terminations, truncations, infos

    def render(self):
        if self.render_mode is None:
            return None
        return tuple(self._open().render(*self._render_size))

    def close_extras(self, **kwargs):
        self._batch = None

    def _open(self) -> Batch:
        if self._batch is None:
            raise RuntimeError("these environments were closed")
        return self._batch

    def _observations(self) -> dict:
        return without_empty(self._batch.observations())

    def _reset_mask(self, mask) -> np.ndarray:
        if mask is None:
            return np.ones(self.num_envs, np.bool_)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,):
            raise ValueError(f"options: key 'reset_mask': expected a bool array of shape ({self.num_envs},)")
        if not mask.any():
            raise ValueError("options: key 'reset_mask': expected at least one environment, found none")
        return mask.copy()

    def _seeds(self, seed) -> list:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, (int, np.integer)):
            return [checked_seed(seed + i) for i in range(self.num_envs)]
        if len(seed) != self.num_envs:
            raise ValueError(f"seed: expected one integer or {self.num_envs}, found {len(seed)}")
        return [None if one is None else checked_seed(one) for one in seed]

    def _indices(self, index) -> list:
        if index is None:
            return [None] * self.num_envs
        if isinstance(index, (int, np.integer)):
            return [checked_index(index)] * self.num_envs
        if len(index) != self.num_envs:
            raise ValueError(f"options: key 'index': expected one integer or {self.num_envs}, found {len(index)}")
        return [checked_index(one) for one in index]
