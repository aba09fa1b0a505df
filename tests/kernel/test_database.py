import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from market.kernel.db import db
from market.kernel.once import IdempotencyKey, claim


def test_what_a_view_commits_the_test_sees(app, session, now):
    with app.app_context():
        claim(db.session, "someone", "key-1", "pay", now)
        db.session.commit()
    assert session.scalars(select(IdempotencyKey.key)).all() == ["key-1"]


def test_what_another_test_committed_is_gone(session):
    assert session.scalars(select(IdempotencyKey.key)).all() == []


def test_a_fresh_engine_really_commits(fresh_engine: Engine, now):
    with Session(fresh_engine) as first:
        claim(first, "someone", "key-1", "pay", now)
        first.commit()
    with Session(fresh_engine) as second:
        assert second.scalars(select(IdempotencyKey.key)).all() == ["key-1"]


def test_the_apps_role_cannot_change_the_schema(session):
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("CREATE TABLE mine (id int)"))


def test_trigrams_know_chinese(session):
    assert session.scalar(text("SELECT '海尔冰箱' ILIKE '%冰箱%' AND similarity('冰箱', '双门冰箱') > 0"))


def test_valkey_remembers_within_a_test(valkey):
    valkey.set("a", "1")
    assert valkey.get("a") == b"1"
