"""A county reviews, adds and switches off dialect words; every version stays."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.people.models import Account
from market.search.dialects import Synonym
from market.search.models import Ruling, Verdict
from market.search.rule_word import add_word, rule_word, words_of
from market.search.vocabulary import load
from tests.builders.catalog import categories
from tests.builders.people import an_operator
from tests.builders.places import a_county
from tests.builders.web import Browser

COUNTY = "610924"


@pytest.fixture
def operator(session: Session, now: datetime) -> Account:
    a_county(session)
    categories(session)
    return an_operator(session, now)


def versions(session: Session) -> list[tuple[str, str, int]]:
    rows = session.scalars(select(Ruling).order_by(Ruling.word, Ruling.version))
    return [(row.word, row.verdict.value, row.version) for row in rows]


def test_a_ruling_counts_in_its_county_alone(session: Session, now: datetime, operator: Account) -> None:
    rule_word(session, COUNTY, operator.id, "雪柜", "冰箱", Verdict.reviewed, now)
    assert load(session, COUNTY).synonyms["雪柜"].reviewed
    rule_word(session, COUNTY, operator.id, "雪柜", "冰箱", Verdict.off, now)
    assert "雪柜" not in load(session, COUNTY).synonyms
    assert not load(session, "610728").synonyms["雪柜"].reviewed
    assert rule_word(session, COUNTY, operator.id, "雪柜", "冰箱", Verdict.off, now) is None
    assert versions(session) == [("雪柜", "reviewed", 1), ("雪柜", "off", 2)]


def test_the_countys_own_word_is_a_suggestion_first(
    session: Session, now: datetime, operator: Account
) -> None:
    row = Synonym("冻橱", "冰箱", "紫阳", "蒿坪镇李家坝老人", False)
    add_word(session, COUNTY, operator.id, row, now)
    assert load(session, COUNTY).synonyms["冻橱"] == row
    (own,) = [one for one in words_of(session, COUNTY) if one.row.word == "冻橱"]
    assert own.verdict is Verdict.suggested


@pytest.mark.parametrize(
    ("word", "means", "source", "code", "field"),
    [
        ("", "冰箱", "某", "search.word_missing", "word"),
        ("冻橱", " ", "某", "search.word_missing", "means"),
        ("冻" * 13, "冰箱", "某", "search.word_too_long", "word"),
        ("冰箱", "冰箱", "某", "search.word_same", "means"),
        ("雪柜", "冰箱", "某", "search.word_known", "word"),
        ("冻橱", "冰箱", " ", "search.source_missing", "source"),
    ],
)
def test_what_says_nothing_is_refused(
    session: Session,
    now: datetime,
    operator: Account,
    word: str,
    means: str,
    source: str,
    code: str,
    field: str,
) -> None:
    with pytest.raises(Refused) as refused:
        add_word(session, COUNTY, operator.id, Synonym(word, means, "紫阳", source, False), now)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert versions(session) == []


def test_a_word_of_nobodys_is_not_found(session: Session, now: datetime, operator: Account) -> None:
    with pytest.raises(NotFound):
        rule_word(session, COUNTY, operator.id, "没有的", "冰箱", Verdict.reviewed, now)


def test_the_page_reviews_and_adds(client: Browser, session: Session, operator: Account) -> None:
    client.become(operator)
    for region, word in (("粤、客家", "雪柜"), ("吴", "脱排")):
        page = client.get(f"/county/words?region={region}").text
        for part in ("方言词", word, "没有核对"):
            assert part in page
    assert "雪柜" not in client.get("/county/words?region=吴").text
    typed = {"word": "冻橱", "means": "冰箱", "region": "紫阳", "source": "蒿坪镇李家坝老人"}
    assert client.submit("/county/words", typed).status_code == 303
    chosen = {"word": "冻橱", "means": "冰箱", "verdict": "reviewed"}
    answer = client.submit("/county/words/verdict", chosen | {"region": "吴"})
    assert (answer.status_code, answer.location) == (303, "/county/words?region=%E5%90%B4")
    assert versions(session) == [("冻橱", "suggested", 1), ("冻橱", "reviewed", 2)]
    refused = client.submit("/county/words", typed)
    assert refused.status_code == 422
    assert "这个说法已经有了" in refused.text
    assert 'value="冻橱"' in refused.text
    assert client.submit("/county/words/verdict", chosen | {"verdict": "x"}).status_code == 404
