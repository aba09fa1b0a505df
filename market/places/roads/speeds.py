"""How fast a loaded van drives on which road. Pure.

`KMH` are our own estimates for the mountain counties of the demo: no survey stands behind them. They stay
within what China's rules allow: JTG B01-2014 《公路工程技术标准》 designs expressways for 80-120 km/h,
class I roads for 60-100, class II for 60-80, class III for 30-40 and class IV for 20-30; where neither sign
nor center line is, article 45 of 《道路交通安全法实施条例》 allows 40 km/h on a highway and 30 in a town.
How the classes are tagged is OpenStreetMap's own usage in China: motorway 高速, trunk 国道, primary 省道,
secondary 县道, tertiary 乡道, unclassified 村道.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KMH: dict[str, float] = {
    "motorway": 90, "trunk": 55, "primary": 50, "secondary": 40, "tertiary": 30, "unclassified": 25,
    "motorway_link": 40, "trunk_link": 40, "primary_link": 35, "secondary_link": 30, "tertiary_link": 25,
    "residential": 20, "living_street": 10, "service": 15, "road": 20, "track": 12,
}  # fmt: skip

# One drives below the limit in the mean: the Open Source Routing Machine's profile for cars takes 0.8 too.
OF_THE_LIMIT = 0.8
MAX_KMH = 100.0

# JTG B01-2014, table 4.0.20: the steepest grade allowed at each design speed, so a steeper road was not built
# for that speed. Up and down alike: a loaded van brakes on the one as it crawls on the other.
_GRADES = (0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09)
_DESIGN_KMH = (120.0, 100.0, 80.0, 60.0, 40.0, 30.0, 20.0)


def on_grade(kmh: Floats, grade: Floats) -> Floats:
    """Speeds on roads of that steepness (a share without sign; NaN counts as flat), in km/h."""
    return np.minimum(kmh, np.interp(np.nan_to_num(grade), _GRADES, _DESIGN_KMH))


def milliseconds(meters: Floats, kmh: Floats) -> NDArray[np.int64]:
    """How long that way takes at that speed, rounded up; never nothing."""
    return np.maximum(np.ceil(meters * 3600 / kmh), 1).astype(np.int64)
