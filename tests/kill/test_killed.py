"""`market up` as people run it: what is killed comes back, and what an earlier owner left is cleared away."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import redis
from sqlalchemy import create_engine, func, insert, select

from market.embedded import free_port
from market.kernel import clock
from market.kernel.ids import new_id
from market.kernel.outbox import OutboxRow

ROOT = Path(__file__).parents[2]
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MARKET_DATA", "STRIPE_API_KEY", "PORT")


def begin(data, port):
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    return subprocess.Popen(
        [sys.executable, "-m", "market.cli", "up", "--data", str(data), "--port", str(port)],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ready_line(process):
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return json.loads(line)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=3) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def within(seconds, holds):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.2)
    return True


@pytest.fixture(scope="module")
def running():
    # Not pytest's own folder: a second pytest that starts meanwhile closes it to PostgreSQL's user.
    with tempfile.TemporaryDirectory(prefix="market-kill-", ignore_cleanup_errors=True) as folder:
        data, port = Path(folder) / "var", free_port()
        process = begin(data, port)
        try:
            yield process, ready_line(process), data
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=60)


def pid_of(data, name):
    try:
        return int((data / "run" / f"{name}.pid").read_text())
    except FileNotFoundError:
        return None


def test_it_names_its_processes_and_keeps_their_pid_files(running):
    _, ready, data = running
    assert ready["event"] == "ready"
    assert set(ready["pids"]) == {"web", "worker", "beat", "postgres", "valkey", "sandbox"}
    assert {name: pid_of(data, name) for name in ready["pids"]} == ready["pids"]
    assert get(ready["url"] + "/readyz") == 200


@pytest.mark.parametrize("name", ["web", "worker", "postgres", "valkey", "beat", "sandbox"])
def test_what_is_killed_comes_back(running, name):
    _, ready, data = running
    before = pid_of(data, name)
    os.kill(before, signal.SIGKILL)
    assert within(30, lambda: pid_of(data, name) not in (before, None))
    assert within(45, lambda: get(ready["url"] + "/readyz") == 200)


def test_what_a_wiped_broker_lost_is_done_all_the_same(running):
    _, _, data = running
    environment = json.loads((data / "run" / "environment.json").read_text())
    engine = create_engine(environment["DATABASE_URL"], isolation_level="AUTOCOMMIT")
    earlier = clock.now() - timedelta(minutes=5)
    with engine.connect() as connection, redis.Redis.from_url(environment["REDIS_URL"]) as broker:
        broker.flushall()
        lost, fresh = new_id(), new_id()
        for row_id, state, sent_at in ((lost, "sent", earlier), (fresh, "pending", None)):
            connection.execute(
                insert(OutboxRow).values(
                    id=row_id, kind="subsidies.coupon_lapses", payload={"coupon_id": str(new_id())},
                    state=state, attempts=0,
                    due_at=earlier, created_at=earlier, sent_at=sent_at,
                )
            )  # fmt: skip
        done = select(func.count()).where(OutboxRow.id.in_((lost, fresh)), OutboxRow.state == "done")
        assert within(60, lambda: connection.scalar(done) == 2)
    engine.dispose()


def test_a_second_owner_is_turned_away_with_one_sentence(running):
    _, ready, data = running
    out, err = begin(data, free_port()).communicate(timeout=30)
    assert (out, err) == ("", f"Error: {data} is in use by another `market up`.\n")
    assert {path.stem for path in (data / "run").glob("*.pid")} == set(ready["pids"])


def test_a_port_in_use_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = begin(tmp_path / "var", port)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err == f"Error: Port {port} is in use: stop what listens there, or choose another with --port.\n"


def test_what_a_killed_owner_left_is_cleared_away_and_then_stops_cleanly(running):
    first, ready, data = running
    left = {name: pid_of(data, name) for name in ready["pids"]}
    first.kill()  # the owner alone: its children are left running
    first.communicate()
    os.kill(left["postgres"], signal.SIGKILL)
    second = begin(data, free_port())
    again = ready_line(second)["pids"]
    assert not set(again.values()) & set(left.values())
    second.send_signal(signal.SIGTERM)
    second.communicate(timeout=60)
    assert second.returncode == 0
    assert within(10, lambda: not any(psutil.pid_exists(pid) for pid in (*left.values(), *again.values())))
    assert list((data / "run").glob("*.pid")) == []
