"""A thing that no longer starts: its memory is destroyed before a witness, and it is scrap from then on."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from market.kernel import clock
from market.kernel.errors import NotFound, Refused
from market.recycling import custody, custody_audit, destroy, hand_on, queries, wipe
from market.recycling.assess_trade_in import assess_trade_in
from market.recycling.custody_models import Destruction, Device, Resale, WipeCertificate
from market.recycling.models import DeviceGrade, WipeMethod
from market.recycling.trade_in import open_trade_in, trade_in_collected
from tests.builders.custody import a_dismantler, to_the_dismantler, to_the_recycler
from tests.builders.recycling import a_recycler_clerk, price_tables

COUNTY = "610924"
WAY = ("TV-9", WipeMethod.drilled, "NIST SP 800-88 Destroy", "主板芯片钻穿三处")


@pytest.fixture
def tv(session, consumer, recycler, clerk):
    moment = clock.now()
    recycler.scope = [*recycler.scope, "tv"]
    price_tables(session)
    old = open_trade_in(session, consumer.id, COUNTY, "order:2", "tv", 5, True, True, moment)
    trade_in_collected(session, f"trade_in:{old.id}", moment)
    to_the_recycler(session, old, recycler, moment)
    assess_trade_in(session, recycler, clerk.id, old.id, 14_000, 5, [], "", None, moment)
    session.commit()
    return old


@pytest.fixture
def colleague(session, recycler, now):
    return a_recycler_clerk(session, recycler, now)


def counts(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_it_is_wiped_once_the_second_person_has_signed(session, recycler, clerk, colleague, tv, now):
    destroy.destroy(session, recycler, clerk.id, tv.id, *WAY, now)
    assert (tv.state.value, queries.certificate(session, tv.id)) == ("confirmed", None)
    destroy.witness(session, recycler, colleague.id, tv.id, now)
    proof = queries.certificate(session, tv.id)
    assert (proof.method, proof.standard) == (WipeMethod.drilled, "NIST SP 800-88 Destroy")
    assert (proof.operator_id, proof.witness_id) == (clerk.id, colleague.id)
    assert (tv.state.value, session.get_one(Device, tv.id).serial_number) == ("wiped", "TV-9")
    assert custody.trail(session, tv.id)[-1].details["witnessed_by"] == str(colleague.id)
    assert counts(session, Destruction) == 0


def test_who_destroyed_it_is_no_witness_and_nobody_witnesses_what_was_not_destroyed(
    session, recycler, clerk, colleague, tv, now
):
    with pytest.raises(NotFound):
        destroy.witness(session, recycler, colleague.id, tv.id, now)
    destroy.destroy(session, recycler, clerk.id, tv.id, *WAY, now)
    with pytest.raises(Refused, match="second_person"):
        destroy.witness(session, recycler, clerk.id, tv.id, now)
    assert (tv.state.value, counts(session, WipeCertificate)) == ("confirmed", 0)


@pytest.mark.parametrize(
    ("way", "why"),
    [
        (("", WipeMethod.overwrite, "ISO/IEC 21964", "碎"), "method"),
        (("", WipeMethod.shredded, " ", "碎"), "standard"),
        (("", WipeMethod.shredded, "ISO/IEC 21964", " "), "verification"),
    ],
)
def test_a_destruction_that_is_not_whole_is_refused(session, recycler, clerk, tv, now, way, why):
    with pytest.raises(Refused, match=why):
        destroy.destroy(session, recycler, clerk.id, tv.id, *way, now)
    assert (tv.state.value, counts(session, Destruction)) == ("confirmed", 0)


def test_one_person_alone_cannot_certify_a_destruction_as_a_wipe(session, recycler, clerk, tv, now):
    with pytest.raises(Refused, match="witness"):
        wipe.certify_wipe(session, recycler, clerk.id, tv.id, "TV-9", WipeMethod.shredded, "碎", now)
    alone = "INSERT INTO wipe_certificates VALUES (:id, 'X', 'shredded', 'S', :who, 'V', :at, NULL)"
    with pytest.raises(IntegrityError, match="destroyed_before_a_witness"):
        session.execute(text(alone), {"id": tv.id, "who": clerk.id, "at": now})


def test_what_was_destroyed_goes_to_the_dismantler_and_is_never_sold(
    session, recycler, clerk, colleague, tv, now
):
    destroy.destroy(session, recycler, clerk.id, tv.id, "", *WAY[1:], now)
    destroy.witness(session, recycler, colleague.id, tv.id, now)
    assert queries.certificate(session, tv.id).serial_number == tv.code
    assert session.get_one(Device, tv.id).serial_number is None
    with pytest.raises(Refused, match="destroyed"):
        hand_on.grade(session, recycler, clerk.id, tv.id, DeviceGrade.c, now)
    hand_on.grade(session, recycler, clerk.id, tv.id, DeviceGrade.scrap, now)
    with pytest.raises(Refused, match="scrap"):
        hand_on.resell(session, recycler, clerk.id, tv.id, "TV-9", 100_00, 3, now)
    a_dismantler(session, now).scope = ["tv"]
    to_the_dismantler(session, recycler, clerk, [tv.id], now)
    assert (tv.state.value, counts(session, Resale)) == ("dismantled", 0)
    assert list(custody_audit.breaks(session)) == []


def test_the_pages_ask_a_colleague_to_sign(client, session, recycler, clerk, colleague, tv):
    session.commit()
    client.become(clerk)
    sent = {"method": "shredded", "standard": "", "found": "碎片小于 30 平方毫米"}
    answer = client.submit(f"/recycler/devices/{tv.id}/destroy", sent)
    assert (answer.status_code, "碎片小于 30 平方毫米" in answer.text) == (422, True)
    sent["standard"] = "ISO/IEC 21964 E-4"
    assert client.submit(f"/recycler/devices/{tv.id}/destroy", sent).status_code == 303
    page = client.get(f"/recycler/trade-ins/{tv.id}").text
    assert ("等第二个人见证" in page, "我在场，看着毁的" in page) == (True, False)
    assert client.submit(f"/recycler/devices/{tv.id}/witness").status_code == 409
    client.become(colleague)
    assert "我在场，看着毁的" in client.get(f"/recycler/trade-ins/{tv.id}").text
    assert client.submit(f"/recycler/devices/{tv.id}/witness").status_code == 303
    assert "只能定为报废" in client.get(f"/recycler/trade-ins/{tv.id}").text
    assert "ISO/IEC 21964 E-4" in client.get(f"/custody/devices/{tv.id}/certificate").text
