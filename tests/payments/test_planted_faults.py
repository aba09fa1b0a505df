"""What is planted in the database or at the provider is found by the commands, with exit 1."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import create_engine, delete
from sqlalchemy.orm import Session

from market.embedded import OWNER
from market.ledger.models import Posting
from market.payments import settle
from tests.builders.life import a_begun_payment
from tests.builders.stripe_sandbox import KEY, SECRET, pay


@pytest.fixture
def paid(fresh_engine, provider, now):
    """A payment that was captured and booked."""
    with Session(fresh_engine, expire_on_commit=False) as session:
        _, _, payment = a_begun_payment(session, provider, now)
        session.commit()
        pay(payment.checkout_url)
        settle.settle(session, provider, payment.id, now)
        session.commit()
        return payment


@pytest.fixture
def command(fresh_engine, sandbox, valkey_server, tmp_path):
    """Run a `market` command as an operator would: its exit code and what it found."""

    def run(name):
        done = subprocess.run(
            [sys.executable, "-m", "market.cli", name, "--json"],
            env={
                **os.environ,
                "DATABASE_URL": fresh_engine.url.render_as_string(hide_password=False),
                "REDIS_URL": valkey_server.url,
                "MARKET_DATA": str(tmp_path),
                "STRIPE_API_KEY": KEY,
                "STRIPE_API_BASE": sandbox.url,
                "STRIPE_WEBHOOK_SECRET": SECRET,
            },
            capture_output=True,
            text=True,
        )
        assert done.stdout, done.stderr
        return done.returncode, [
            row["detail"] for row in json.loads(done.stdout)["breaks"] if row["book"] != "outbox"
        ]

    return run


def test_a_deleted_posting_is_found_by_the_audit(postgres, fresh_engine, paid, command):
    before = command("audit")
    owner = create_engine(postgres.url(OWNER, fresh_engine.url.database))
    with owner.begin() as connection:
        entry_id = connection.execute(
            delete(Posting).where(Posting.line == 0).returning(Posting.entry_id)
        ).scalar_one()
    owner.dispose()
    code, found = command("audit")
    assert before[1] == []
    assert code == 1
    assert f"ledger entry {entry_id} has lost a posting" in found


def test_an_altered_and_an_orphan_charge_are_found_by_reconciling(paid, sandbox, command):
    assert command("reconcile") == (0, [])
    altered_fen = paid.amount_fen - 100
    with closing(sqlite3.connect(sandbox.data / "sandbox.db")) as memory, memory:
        memory.execute(
            "UPDATE objects SET body = json_set(body, '$.amount_received', ?) WHERE id = ?",
            (altered_fen, paid.capture_reference),
        )
    orphan = sandbox.stripe.v1.payment_intents.create(
        {"amount": 5_000, "currency": "cny", "confirm": True, "payment_method": "pm_card_visa"}
    )
    code, found = command("reconcile")
    assert code == 1
    assert sorted(found) == sorted(
        [
            f"charge {orphan.id} of 5000 fen has no payment here",
            f"charge {paid.capture_reference}: provider says {altered_fen} fen, "
            f"book says {paid.amount_fen} fen",
        ]
    )
