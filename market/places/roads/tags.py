"""What OpenStreetMap's tags say of a way or a barrier, for a delivery van. Pure.

The meaning of the tags is the OpenStreetMap wiki's: Key:highway, Key:access, Key:oneway, Key:barrier.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from market.places.roads.speeds import KMH, MAX_KMH, OF_THE_LIMIT

Tags = Mapping[str, str]

_CLOSED = {"no", "private", "agricultural", "forestry", "military", "emergency", "bus", "psv"}
# Who may pass, from the most to the least particular; the first that is tagged decides.
_VAN = ("goods", "motor_vehicle", "vehicle", "access")
_TOO_ROUGH = {"grade4", "grade5"}
_ONE_WAY = {"yes": (True, False), "true": (True, False), "1": (True, False), "no": (True, True)}
_ONE_WAY |= {"-1": (False, True), "reverse": (False, True), "reversible": (False, False)}
_SHUTTING = {
    "block", "bollard", "chain", "cycle_barrier", "debris", "full-height_turnstile", "horse_stile",
    "jersey_barrier", "kissing_gate", "log", "motorcycle_barrier", "planter", "rope", "sally_port", "stile",
    "turnstile", "wall", "wicket_gate",
}  # fmt: skip
_MILE_KM = 1.609344


class Skipped(StrEnum):
    """Why a way that carries `highway` or is a ferry's is left out."""

    ferry = "ferry"
    not_for_vans = "not_for_vans"
    closed = "closed"
    too_rough = "too_rough"


@dataclass(frozen=True, slots=True)
class Road:
    """A way a van may drive: its speed on the flat, its directions, its grade as a share (NaN if untold)."""

    kmh: float
    forward: bool = True
    backward: bool = True
    grade: float = math.nan


def road(tags: Tags) -> Road | Skipped:
    """What a van makes of the way with these tags."""
    if tags.get("route") == "ferry":
        return Skipped.ferry
    kind = tags.get("highway", "")
    if kind not in KMH or tags.get("area") == "yes" or tags.get("service") == "emergency_access":
        return Skipped.not_for_vans
    forward, backward = _directions(tags, kind)
    if not may_pass(tags) or not (forward or backward):
        return Skipped.closed
    if tags.get("tracktype") in _TOO_ROUGH:
        return Skipped.too_rough
    limit = limit_kmh(tags.get("maxspeed", ""))
    return Road(min(limit * OF_THE_LIMIT, MAX_KMH) if limit else KMH[kind], forward, backward, grade(tags))


def may_pass(tags: Tags) -> bool:
    """Whether nothing in the tags forbids a van."""
    allowed = next((tags[key] for key in _VAN if key in tags), "yes")
    return allowed not in _CLOSED


def shuts(tags: Tags) -> bool:
    """Whether the barrier on a node stops a van; a gate without a ban is held to open."""
    told = any(key in tags for key in _VAN)
    return not may_pass(tags) or (not told and tags.get("barrier") in _SHUTTING)


def limit_kmh(text: str) -> float:
    """The speed limit a `maxspeed` tells: ``60``, ``60 km/h``, ``30 mph``; 0 where it tells none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|mph)?", text.strip())
    if not found:
        return 0.0
    return float(found[1]) * (_MILE_KM if found[2] == "mph" else 1)


def grade(tags: Tags) -> float:
    """The steepness an `incline` tells, as a share without sign: ``-8%``, ``5°``; NaN where it tells none."""
    found = re.fullmatch(r"[+-]?(\d+(?:\.\d+)?)\s*(%|°)", tags.get("incline", "").strip())
    if not found:
        return math.nan
    return float(found[1]) / 100 if found[2] == "%" else math.tan(math.radians(float(found[1])))


def meters_above_sea(tags: Tags) -> float:
    """The elevation an `ele` tells; NaN where it tells none."""
    try:
        return float(tags.get("ele", "").removesuffix("m"))
    except ValueError:
        return math.nan


def _directions(tags: Tags, kind: str) -> tuple[bool, bool]:
    """Whether the way may be driven as it is drawn, and against that."""
    implied = kind in ("motorway", "motorway_link") or tags.get("junction") in ("roundabout", "circular")
    return _ONE_WAY.get(tags.get("oneway", ""), (True, not implied))
