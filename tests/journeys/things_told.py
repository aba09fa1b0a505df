"""What is said of people in the county of everything: reviews, ratings, charges, reports, inspections."""

from datetime import timedelta

from market.credit import fraud
from market.credit.appeal import appeal
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.credit.write_review import write_review
from market.kernel.clock import local_date
from market.orders.models import Order
from market.oversight import cases
from market.oversight.draw_inspections import SEAL_PURPOSE
from market.oversight.states import CaseKind
from market.payments.models import Bearer
from market.payments.refund import Wanted, approve, request
from market.shops.models import ShopRole
from market.shops.people import invite
from market.subsidies.draft import start_draft
from tests.builders.life import react
from tests.builders.oversight import a_drawn_visit, a_published_finding
from tests.builders.recycling import a_photo
from tests.builders.second_factor import a_second_factor
from tests.builders.subsidies import GB_2026
from tests.journeys.cast import COUNTY, Cast


def reviews_and_ratings(cast: Cast, order: Order) -> None:
    """A review, and money for it while the goods stay; events against who is rated; the shop's appeal."""
    session, now = cast.session, cast.now
    line = order.shop_orders[0].lines[0]
    said = 2, "不脱水，照片在下面"
    write_review(
        session, cast.buyer.id, cast.shop.id, line.listing_id, line.reference, *said, now, photos=[a_photo()]
    )
    gift = Wanted("洗得不干净", {}, {}, goodwill_fen=50_00, bearer=Bearer.shop)
    refund = request(session, order.shop_orders[0].id, gift, cast.owner.id, "everything:gift", now)
    approve(session, COUNTY, cast.operator_id, refund.id, now)
    react(session, now)
    for kind, subject_id, what, account in (
        (SubjectKind.shop, cast.shop.id, "handed_over_late", cast.owner),
        (SubjectKind.courier, cast.courier.id, "delivered_late", None),
        (SubjectKind.recycler, cast.recycler.id, "offer_lowered", None),
    ):
        for number in range(2):
            event_id = record_event(session, kind, subject_id, what, f"everything:{what}:{number}", now)
        if account:
            appeal(session, kind, subject_id, COUNTY, account.id, event_id, "那天封路了", now)


def charges_and_reports(cast: Cast) -> None:
    """A shop and a courier are charged with fraud; somebody reported the recycler, with a photo."""
    session, now = cast.session, cast.now
    for subject in ((SubjectKind.shop, cast.shop.id), (SubjectKind.courier, cast.courier.id)):
        fraud.charge(session, COUNTY, cast.operator_id, subject, "同一台机器报了两次", "见照片", now)
    words = "他们夜里在后院烧电线，烟很大"
    made = cases.file_case(
        session, COUNTY, cast.recycler.id, CaseKind.illegal_dismantling, "后院", words, [a_photo()], now
    )
    cases.take_up(session, COUNTY, cast.operator_id, made.id, now)


def inspections(cast: Cast) -> None:
    """One that was published with a finding, one that is drawn."""
    session, seal = cast.session, cast.seal(SEAL_PURPOSE)
    due_on = local_date(cast.now) + timedelta(days=30)
    a_published_finding(session, cast.operators, seal, cast.now - timedelta(days=3), due_on)
    a_drawn_visit(session, cast.operators, seal, cast.now - timedelta(hours=2))


def papers(cast: Cast) -> None:
    """An invitation to the shop, its owner's second factor, and a draft of a programme's next version."""
    session, now = cast.session, cast.now
    invite(session, cast.shop.id, cast.owner.id, cast.neighbor.phone, ShopRole.clerk, now)
    a_second_factor(session, cast.owner, now)
    start_draft(session, COUNTY, cast.operator_id, GB_2026, now)
