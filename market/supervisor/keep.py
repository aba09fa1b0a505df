"""Keep processes running: what dies is started again, later each time it dies young."""

import sys
import time
from dataclasses import dataclass

from market.embedded import STOP_SECONDS, EmbeddedError
from market.supervisor.folder import Folder
from market.supervisor.services import Process, Service

FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 15.0
GROWN_UP_SECONDS = 30.0  # a process that lived this long starts anew without a wait


@dataclass(slots=True)
class Kept:
    """A service, its present process, and when and after how long a wait to start it again."""

    service: Service
    process: Process | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    wait_seconds: float = FIRST_WAIT_SECONDS

    def died(self) -> bool:
        """Whether a process that ran has ended."""
        return self.process is not None and self.process.poll() is not None

    def rest(self, now: float) -> None:
        """Plan the next start."""
        if now - self.started_at > GROWN_UP_SECONDS:
            self.wait_seconds = FIRST_WAIT_SECONDS
        self.process, self.due_at = None, now + self.wait_seconds
        self.wait_seconds = min(self.wait_seconds * 2, LONGEST_WAIT_SECONDS)


class Keeper:
    """Starts services in order, watches them, and stops them in the opposite order."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._kept: list[Kept] = []

    def start(self, service: Service) -> None:
        """Start `service` and keep it from now on. Raises what its start raises."""
        kept = Kept(service)
        self._kept.append(kept)
        self._launch(kept)

    def pids(self) -> dict[str, int]:
        """The processes that run now, by name."""
        return {kept.service.name: kept.process.pid for kept in self._kept if kept.process}

    def dead(self) -> list[str]:
        """The names of services whose process has ended and was not yet replaced."""
        return [kept.service.name for kept in self._kept if kept.died()]

    def tend(self) -> None:
        """Look at each process once, and start again what is due."""
        for kept in self._kept:
            if kept.died():
                self._bury(kept)
            if kept.process is None and time.monotonic() >= kept.due_at:
                self._revive(kept)

    def stop(self) -> None:
        """Ask each to stop, the last started first, and kill what does not."""
        for kept in reversed(self._kept):
            if kept.process and kept.process.poll() is None:
                kept.process.send_signal(kept.service.stop_signal)
                self._wait(kept)
            self._folder.drop_pid(kept.service.name)
        self._kept.clear()

    def _launch(self, kept: Kept) -> None:
        kept.started_at = time.monotonic()
        kept.process = kept.service.start()
        self._folder.write_pid(kept.service.name, kept.process.pid)

    def _bury(self, kept: Kept) -> None:
        assert kept.process is not None  # noqa: S101 - `died` has said so
        name, code = kept.service.name, kept.process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        print(f"{name} ended ({how}); starting it again", file=sys.stderr, flush=True)
        self._folder.end_orphans(kept.process.pid)
        self._folder.drop_pid(name)
        kept.rest(time.monotonic())

    def _revive(self, kept: Kept) -> None:
        try:
            self._launch(kept)
        except (EmbeddedError, OSError) as error:
            print(f"{kept.service.name} does not start: {error}", file=sys.stderr, flush=True)
            kept.rest(time.monotonic())

    def _wait(self, kept: Kept) -> None:
        assert kept.process is not None  # noqa: S101 - the caller has looked
        deadline = time.monotonic() + STOP_SECONDS
        while kept.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        if kept.process.poll() is None:
            kept.process.kill()
            kept.process.wait()
        self._folder.end_orphans(kept.process.pid)
