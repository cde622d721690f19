"""Which episode a reset begins. An episode is named by seed and index: `divla eval --seed S` plays 0, 1, 2, ... of S."""

import numpy as np

FIRST_TRAINING_SEED = 1_000_000  # below: evaluations; from here on: demonstrations (harness/suite.h)
FIRST_VALIDATION_SEED = 1_000_000_000  # from here on: the validation of a training (harness/training/demonstration.h)


def draw_seed(rng: np.random.Generator) -> int:
    """A seed for a reset that names none. Never one of an evaluation: nobody trains on those by accident."""
    return int(rng.integers(FIRST_TRAINING_SEED, FIRST_VALIDATION_SEED))


def checked_seed(seed) -> int:
    if isinstance(seed, (bool, np.bool_)) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
        raise ValueError(f"seed: expected an integer from 0 to 2**63 - 1, found {seed!r}")
    return int(seed)


def checked_index(index) -> int:
    if isinstance(index, (bool, np.bool_)) or not isinstance(index, (int, np.integer)) or not 0 <= index < 2**31:
        raise ValueError(f"options: key 'index': expected an integer from 0 to 2**31 - 1, found {index!r}")
    return int(index)


def check_options(options: dict, known: set) -> None:
    unknown = sorted(set(options) - known)
    if unknown:
        raise ValueError(f"options: expected keys of {sorted(known)}, found {unknown[0]!r}")
