"""Random moves by everybody: no illegal state, nothing paid twice, custody whole."""

import itertools
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market.kernel.errors import NotFound, Refused
from market.people.models import Account
from market.points.queries import balance
from market.recycling import answer, audit, clocks, custody, hand_on, parcel, refused_return, send_in, wipe
from market.recycling.assess import assess
from market.recycling.carrier import SIMULATED
from market.recycling.claim_lost import settle_claim
from market.recycling.models import DeviceGrade, WipeMethod
from market.recycling.pay_out import pay_out
from market.recycling.receive import hold_as_hazard, receive
from market.recycling.states import PAID, STATES, RecyclingState
from tests.builders.custody import to_the_dismantler
from tests.builders.mail_in import a_campaign
from tests.builders.recycling import SAFE, a_described_phone, a_photo

PHOTO = a_photo()
CONSUMER = {
    "quote": lambda *who: send_in.quote(*who[:3], SAFE, who[3]),
    "accept_quote": send_in.accept_quote,
    "pickup": lambda *who: send_in.book_pickup(*who[:3], who[3].date() + timedelta(days=1), who[3]),
    "posted": lambda *who: send_in.mark_posted(*who[:3], "SF1", who[3]),
    "withdraw": send_in.withdraw,
    "accept_reoffer": answer.accept_reoffer,
    "decline": answer.decline,
    "unlocked": answer.unlocked,
    "returned": answer.confirm_returned,
    "send_again": refused_return.send_again,
    "sell_after_all": answer.sell_after_all,
}
RECYCLER = {
    "receive": lambda *who: receive(*who[:4], 200, "F-1", PHOTO, who[4]),
    "as_told": lambda *who: assess(*who[:4], 2, ["battery_weak"], "", None, who[4]),
    "worse": lambda *who: assess(*who[:4], 4, ["screen_broken"], "", PHOTO, who[4]),
    "locked": lambda *who: assess(*who[:4], 2, ["battery_weak", "locked"], "", PHOTO, who[4]),
    "hazard": hold_as_hazard,
    "wipe": lambda *who: wipe.certify_wipe(*who[:4], "SN", WipeMethod.overwrite, "抽读", who[4]),
    "wipe_failed": wipe.report_failed_wipe,
    "grade": lambda *who: hand_on.grade(*who[:4], DeviceGrade.c, who[4]),
    "scrap": lambda *who: hand_on.grade(*who[:4], DeviceGrade.scrap, who[4]),
    "resell": lambda *who: hand_on.resell(*who[:4], "SN", 300_00, 3, who[4]),
    "dismantle": lambda *who: to_the_dismantler(*who[:2], who[0].get_one(Account, who[2]), [who[3]], who[4]),
    "came_back": refused_return.came_back,
    "fetched": refused_return.fetched,
    "ship_back": lambda *who: hand_on.ship_back(*who[:4], "YT1", who[4]),
}
CLOCK = {
    "expire_quote": clocks.expire_quote,
    "remind": clocks.remind_to_post,
    "expire_label": clocks.expire_label,
    "miss_parcel": clocks.miss_parcel,
    "late_assessment": clocks.note_late_assessment,
    "unanswered": clocks.return_unanswered,
    "remind_of_pickup": clocks.remind_of_pickup,
    "late_payout": clocks.note_late_payout,
    "late_return": clocks.note_late_return,
    "book_parcel": lambda *what: parcel.book_parcel(what[0], SIMULATED, *what[1:]),
    "follow": lambda *what: parcel.follow(what[0], SIMULATED, *what[1:]),
    "claim": lambda *what: settle_claim(what[0], "610924", what[1], what[1], 0, what[2]),
    "pay_out": pay_out,
}
ROAD = ("quote", "accept_quote", "posted", "receive", "as_told", "pay_out", "wipe", "grade")
moves = st.lists(
    st.tuples(
        st.sampled_from([*CONSUMER, *RECYCLER, *CLOCK]) | st.sampled_from(ROAD),
        st.sampled_from([0, 0, 0, 50, 24 * 8]),
    ),
    max_size=30,
)


@pytest.fixture
def order(session, consumer, recycler, now):
    a_campaign(session, now, days=300)
    return a_described_phone(session, consumer, now)


@given(on_the_road=st.integers(0, len(ROAD)), moves=moves)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_moves_keep_every_law(session, consumer, recycler, clerk, order, now, on_the_road, moves):
    walk = [(name, 0) for name in ROAD[:on_the_road]] + moves
    savepoint = session.begin_nested()
    moment = now
    for name, hours in walk:
        moment += timedelta(hours=hours, seconds=1)
        step = session.begin_nested()
        try:
            if name in CONSUMER:
                CONSUMER[name](session, consumer.id, order.id, moment)
            elif name in RECYCLER:
                RECYCLER[name](session, recycler, clerk.id, order.id, moment)
            else:
                CLOCK[name](session, order.id, moment)
            step.commit()
        except (Refused, NotFound):
            step.rollback()
        session.expire_all()
    _judge(session, consumer, order)
    savepoint.rollback()
    session.expire_all()


def _judge(session, consumer, order):
    trail = custody.trail(session, order.id)
    states = [event.state for event in trail]
    stays = (RecyclingState.paid, RecyclingState.return_refused)  # a wipe that failed; a wish
    for before, after in itertools.pairwise(states):
        assert after in STATES[before] or (before == after and after in stays)
    assert Counter(states)[RecyclingState.resold] + Counter(states)[RecyclingState.dismantled] <= 1
    paid = order.paid_fen or 0
    assert balance(session, consumer.id, order.created_at).available == paid
    assert order.state not in PAID or 0 < paid <= order.offer_fen
    assert list(audit.breaks(session)) == []
