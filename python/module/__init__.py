"""DiVLA-Bench's tasks as Gymnasium environments.

    import gymnasium, divla_bench
    env = gymnasium.make("DiVLABench/cube_to_coloured_box-v1")
    envs = gymnasium.make_vec("DiVLABench/cube_to_coloured_box-v1", num_envs=8)

`divla_bench.TASKS` says what there is; divla_bench.Env and divla_bench.VectorEnv say what they take and give.
"""

import gymnasium

from divla_bench.core import TASKS
from divla_bench.env import Env
from divla_bench.seeds import FIRST_TRAINING_SEED, FIRST_VALIDATION_SEED
from divla_bench.vector import VectorEnv

__all__ = ["Env", "FIRST_TRAINING_SEED", "FIRST_VALIDATION_SEED", "TASKS", "VectorEnv"]

for _task in TASKS:
    # No max_episode_steps: the horizon belongs to the episode, which truncates itself.
    gymnasium.register(
        id=f"DiVLABench/{_task['name']}-v1",
        entry_point="divla_bench.env:Env",
        vector_entry_point="divla_bench.vector:VectorEnv",
        kwargs={"task": _task["name"]},
    )
