"""Chance, the same for the same seed on every machine: splitmix64 (Steele, Lea and Flood 2014)."""

import math

import numpy as np

from market.delivery.planner.engine.jit import jit
from market.delivery.planner.engine.layout import Array

STEP = np.uint64(0x9E3779B97F4A7C15)
FIRST = np.uint64(0xBF58476D1CE4E5B9)
SECOND = np.uint64(0x94D049BB133111EB)
S11, S27, S30, S31 = np.uint64(11), np.uint64(27), np.uint64(30), np.uint64(31)
UNIT = 2.0**-53


@jit
def share(dice: Array) -> float:
    """A number from 0 to below 1."""
    dice[0] += STEP
    z = dice[0]
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    return np.float64((z ^ (z >> S31)) >> S11) * UNIT


@jit
def below(dice: Array, limit: int) -> int:
    """A whole number from 0 to below `limit`."""
    return int(share(dice) * limit)


@jit
def tries_until(dice: Array, chance: float) -> int:
    """How many tries pass before something of this chance happens."""
    return int(math.log(1.0 - share(dice)) / math.log(1.0 - chance))
