"""One process of the web server, started as the server starts it."""

import os
import subprocess
import sys
from pathlib import Path

_SAYS = "import gc; from market.web.process import create; print(create().name, gc.get_freeze_count())"


def test_what_the_start_has_made_is_left_out_of_garbage_collection(tmp_path: Path) -> None:
    environ = {**os.environ, "MARKET_DATA": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", _SAYS], env=environ, capture_output=True, text=True, check=True
    )
    name, frozen = said.stdout.split()
    assert (name, int(frozen) > 100_000) == ("market", True)
