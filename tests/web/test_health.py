"""What machines ask, and what they are told when a part is gone."""

from dataclasses import replace
from datetime import timedelta
from importlib.metadata import entry_points

import pytest
from sqlalchemy import text

from market import migrate
from market.cli import COMMANDS
from market.kernel import clock, pulse


@pytest.fixture
def migrated(session):
    session.execute(text("CREATE TEMPORARY TABLE alembic_version (version_num text)"))
    session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": migrate.head()})
    session.commit()


def test_a_process_that_answers_is_healthy(client):
    assert client.get("/healthz").json["ok"] is True


def test_it_is_ready_once_a_worker_was_heard_from(client, migrated, valkey, settings):
    silent = client.get("/readyz")
    assert (silent.status_code, silent.json["worker"]) == (503, False)
    pulse.beat(settings.redis_url, clock.now())
    assert client.get("/readyz").json == {
        "ok": True, "database": True, "migrations": True, "broker": True, "worker": True,
    }  # fmt: skip


def test_a_worker_silent_for_a_minute_counts_as_gone(valkey, settings, now):
    pulse.beat(settings.redis_url, now)
    assert pulse.heard(settings.redis_url, now + timedelta(seconds=60))
    assert not pulse.heard(settings.redis_url, now + timedelta(seconds=61))


def test_an_old_schema_is_not_ready(client, migrated, session):
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    assert client.get("/readyz").json["migrations"] is False


def test_a_dead_broker_is_named_and_no_error_page(app, settings):
    app.extensions["settings"] = replace(settings, redis_url="redis://127.0.0.1:1/0")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["broker"], answer.json["database"]) == (503, False, True)


def test_figures_are_for_this_machine_and_not_through_a_proxy(client):
    assert "market_outbox_lag_seconds 0.0" in client.get("/metrics").text
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404


def test_figures_are_for_whoever_has_the_token(app, settings):
    app.extensions["settings"] = replace(settings, metrics_token="a-token")
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    client = app.test_client()
    assert client.get("/metrics", environ_base=elsewhere).status_code == 404
    right = {"Authorization": "Bearer a-token"}
    assert client.get("/metrics", environ_base=elsewhere, headers=right).status_code == 200


def test_every_command_is_flasks_too():
    assert {entry.name for entry in entry_points(group="flask.commands")} >= {
        command.name for command in COMMANDS
    }
