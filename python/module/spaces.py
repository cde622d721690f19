"""Observation and action spaces, from what the compiled module says about a task's robot."""

import string

import numpy as np
from gymnasium import spaces

# Joint limits are soft in MuJoCo and the axis of sensor noise shakes the numbers.
STATE_MARGIN = 0.5  # rad; share of the gripper's opening
TOOL_BOUND = 3.0  # m, and more than any entry of a rotation matrix
REACH = 1.5  # m from the origin of the robot's frame, of an end-effector action
# Instructions are English sentences; the longest, with every perturbation, have some 300 characters.
PROMPT_LENGTH = 1000
PROMPT_CHARACTERS = string.ascii_letters + string.digits + string.punctuation + " "


def observation_space(shape: dict) -> spaces.Dict:
    parts = {}
    if shape["cameras"]:
        picture = (shape["height"], shape["width"], 3)
        parts["images"] = spaces.Dict({name: spaces.Box(0, 255, picture, np.uint8) for name in shape["cameras"]})
    low = np.asarray(shape["state_low"], np.float32) - np.float32(STATE_MARGIN)
    high = np.asarray(shape["state_high"], np.float32) + np.float32(STATE_MARGIN)
    parts["state"] = spaces.Box(low, high, dtype=np.float32)
    parts["tool"] = spaces.Box(-TOOL_BOUND, TOOL_BOUND, (shape["tool_dim"],), np.float32)
    parts["prompt"] = spaces.Text(PROMPT_LENGTH, min_length=0, charset=PROMPT_CHARACTERS)
    return spaces.Dict(parts)


def action_space(shape: dict, action: str) -> spaces.Box:
    if action == "joint_position":
        low, high = shape["state_low"], shape["state_high"]
    else:
        low = ([-REACH] * 3 + [-1.0] * 6 + [0.0]) * shape["arms"]
        high = ([REACH] * 3 + [1.0] * 6 + [1.0]) * shape["arms"]
    return spaces.Box(np.asarray(low, np.float32), np.asarray(high, np.float32), dtype=np.float32)


def without_empty(observation: dict) -> dict:
    """The part `images` is left out where no camera is wanted, as in the space."""
    if not observation["images"]:
        del observation["images"]
    return observation


def single(rows: dict, i: int) -> dict:
    """The observation of one environment, of the arrays of all."""
    return without_empty(
        {
            "images": {camera: pictures[i] for camera, pictures in rows["images"].items()},
            "state": rows["state"][i],
            "tool": rows["tool"][i],
            "prompt": rows["prompt"][i],
        }
    )
