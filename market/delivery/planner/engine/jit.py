"""Numba, told where to keep what it has compiled."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

HERE = Path(__file__).parent
_Function = TypeVar("_Function", bound=Callable[..., Any])


def _version() -> str:
    """Numba notices a change in a function's own file only, and the functions here call each other."""
    source = b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))
    return hashlib.sha256(source).hexdigest()[:16]


def _private(folder: Path) -> bool:
    """Whether `folder` could be made and is nobody else's: what lies in it will be run."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = folder.stat()
    except OSError:
        return False
    return seen.st_uid == os.getuid() and not seen.st_mode & 0o022 and os.access(folder, os.W_OK)


def cache_folder() -> Path:
    """Beside the source where that can be written, else in the person's cache, else among temporary files."""
    places = [HERE / "__pycache__", Path.home() / ".cache" / "lvxiang"]
    places.append(Path(tempfile.gettempdir()) / f"lvxiang-{os.getuid()}")
    for place in places:
        folder = place / f"engine-{_version()}"
        if _private(folder):
            return folder
    return Path(tempfile.mkdtemp(prefix="lvxiang-engine-"))


settings: Any = numba.config  # Numba declares neither its settings nor `_nrt`
if not settings.CACHE_DIR:  # whoever sets NUMBA_CACHE_DIR is obeyed
    settings.CACHE_DIR = str(cache_folder())
njit: Any = numba.njit


def jit(function: _Function) -> _Function:
    """Compile `function` into those that call it, and keep the result.

    It may make no array: without Numba's own bookkeeping, which counts references to every array of the state
    at every call, the search is six times as fast. It becomes part of its caller: a call would hand over each
    field of each array of `Task` and `State`, some 250 words, which halves the search's speed.
    """
    inner = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}
    compiled: _Function = njit(cache=True, error_model="numpy", _nrt=False, **inner)(function)
    return compiled


def entry(function: _Function) -> _Function:
    """Compile `function`, which Python calls; each entry is compiled with all that it calls."""
    compiled: _Function = njit(cache=True, error_model="numpy", _nrt=False)(function)
    return compiled
