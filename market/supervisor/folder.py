"""The data folder: its one owner, its pid files, its secret, and what an earlier owner left running."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

MARK = "MARKET_SUPERVISED"  # in every child's environment: which data folder it belongs to
STOP_SECONDS = 10.0
LOG_BYTES = 10_000_000


class FolderError(Exception):
    """The data folder cannot be used; the message is the one sentence to print."""


class Folder:
    """``DIR/run`` (lock, pids, environment), ``DIR/log``, and the servers' own folders beside them."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.run = self.path / "run"
        self.logs = self.path / "log"

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Hold the folder alone. Raises FolderError where another process does, or nobody can write there."""
        self._make()
        with (self.run / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderError(f"{self.path} is in use by another `market up`.") from None
            self.end_orphans()
            for stale in self.run.glob("*.pid"):
                stale.unlink()
            try:
                yield
            finally:
                (self.run / "environment.json").unlink(missing_ok=True)

    def secret_key(self) -> str:
        """The key that signs this folder's cookies: made once, readable to its owner alone."""
        path = self.path / "secret_key"
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            fresh.rename(path)
        return path.read_text().strip()

    def write_environment(self, environment: Mapping[str, str]) -> None:
        """Leave word for other commands (`market audit`, `market seed`) of where everything listens."""
        path = self.run / "environment.json"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(dict(environment), indent=1))

    def write_pid(self, name: str, pid: int) -> None:
        """Put `pid` into ``run/NAME.pid``, whole or not at all."""
        fresh = self.run / f"{name}.pid.new"
        fresh.write_text(f"{pid}\n")
        fresh.rename(self.run / f"{name}.pid")

    def drop_pid(self, name: str) -> None:
        """The process `name` is no more."""
        (self.run / f"{name}.pid").unlink(missing_ok=True)

    def log(self, name: str) -> Path:
        """The log file of `name`; a large one of earlier days is set aside once."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.rename(path.with_suffix(".log.1"))
        return path

    def end_orphans(self, pid: int | None = None) -> None:
        """End processes that carry this folder's mark though their owner is gone.

        With `pid`, only those of that process's own session: the children of one that died.
        """
        orphans = [process for process in psutil.process_iter() if self._is_ours(process, pid)]
        for process in orphans:
            with suppress(psutil.Error):
                process.terminate()
        _, alive = psutil.wait_procs(orphans, STOP_SECONDS if pid is None else 1.0)
        for process in alive:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(alive, 1.0)

    def _is_ours(self, process: psutil.Process, session: int | None) -> bool:
        with suppress(psutil.Error, OSError):
            if session is not None and os.getsid(process.pid) != session:
                return False
            return bool(process.environ().get(MARK) == str(self.path))
        return False

    def _make(self) -> None:
        try:
            for folder in (self.path, self.run, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            (self.run / "lock").touch()
        except OSError as error:
            raise FolderError(f"{self.path} cannot be written: {error.strerror}.") from None
