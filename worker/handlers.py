"""Every reaction in the system: which event causes what. Each handler is safe to run twice."""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from celery import current_app
from sqlalchemy.orm import Session

from market.aftersales import job_news, review_facts
from market.aftersales.answer_quote import repair_due
from market.aftersales.pay_fee import fee_paid
from market.aftersales.return_clocks import return_due
from market.aftersales.settle_return import follow_refund
from market.bulk.apply import go_on
from market.catalog.zone import reconsider
from market.collection import bring, close_point, empty, transfers
from market.credit import appeal, couriers
from market.credit.effects import take_effect
from market.credit.models import SubjectKind
from market.credit.record_event import follow_criteria
from market.delivery import kept
from market.delivery.drive import NOT_HANDED_IN
from market.delivery.plan_batch import plan_batch
from market.delivery.planner import Progress
from market.delivery.queries import record_progress, record_shares_progress
from market.delivery.share_batch import share_batch
from market.delivery.sync import settle_event
from market.fairs import plan_fair
from market.groups import close_group, complete, deposits, join
from market.groups.models import GroupPlace
from market.invoices import issue
from market.invoices.prove import prove_invoice
from market.kernel import clock
from market.kernel.seal import Seal
from market.notices.text_messages import send_text
from market.orders import assist, deliver, prove, rated, refuse, shop_closed, undo
from market.orders.appliances import remember_bought
from market.orders.events import ShopShareReduced
from market.orders.models import Order, OrderState, ShopOrder
from market.orders.trace import trace_delivered
from market.oversight import cases, draw_inspections, rectify
from market.payments import send_refund, settle, webhook
from market.payments.prove import prove_payment
from market.payments.provider import PaymentProvider, stripe_provider
from market.payments.refund_by_itself import refund_undone
from market.points import earn
from market.recalls import duties, follow_up
from market.recycling import clocks, parcel, pick_up, suspend
from market.recycling.answer_trade_in import leave_unanswered
from market.recycling.carrier import SIMULATED
from market.recycling.fetch_from_station import fetched
from market.recycling.pay_out import pay_out
from market.recycling.trade_in import not_handed_in, trade_in_collected
from market.savings import appliances
from market.settings import read
from market.settlements import carriage, items
from market.shops import decide_paper, holiday
from market.subsidies import coupons, draft, lottery, real_name
from market.subsidies.events import ClaimDisallowed
from worker.database import engine
from worker.parts import Parts, valkey

Payload = dict[str, Any]
Handler = Callable[[Session, Payload, datetime], object]


def of_id(field: str, use_case: Callable[[Session, uuid.UUID, datetime], object]) -> Handler:
    """A handler that gives `use_case` the id in the payload's `field`."""
    return lambda session, payload, now: use_case(session, uuid.UUID(payload[field]), now)


def _provider() -> PaymentProvider:
    return stripe_provider(read())


def _let_lapse(session: Session, payload: Payload, now: datetime) -> None:
    order_id = uuid.UUID(payload["order_id"])
    undo.lapse(session, order_id, now)
    settle.close_pages(session, _provider(), order_id, now)


def _give_back(session: Session, payload: Payload, now: datetime) -> None:
    shop_order_id = uuid.UUID(payload["shop_order_id"])
    refund_undone(session, shop_order_id, payload["refund_fen"], now)
    order = session.get_one(Order, session.get_one(ShopOrder, shop_order_id).order_id)
    if order.state is OrderState.canceled:
        settle.close_pages(session, _provider(), order.id, now)


def _process_webhook(session: Session, payload: Payload, now: datetime) -> None:
    webhook.process(session, _provider(), payload["event_id"], now)


def _send_refund(session: Session, payload: Payload, now: datetime) -> None:
    send_refund.send(session, _provider(), uuid.UUID(payload["refund_id"]), now)


def _plan_batch(session: Session, payload: dict[str, Any], now: datetime) -> None:
    batch_id = uuid.UUID(payload["batch_id"])

    def tell(progress: Progress) -> None:
        with Session(engine()) as own, own.begin():
            record_progress(own, batch_id, progress, clock.now())

    parts = Parts(valkey(), lambda key: current_app.send_task("worker.tasks.search_part", [key]))
    plan_batch(session, batch_id, now, tell, pool=parts)


def _share_batch(session: Session, payload: dict[str, Any], now: datetime) -> None:
    batch_id = uuid.UUID(payload["batch_id"])

    def tell(share: float) -> None:
        with Session(engine()) as own, own.begin():
            record_shares_progress(own, batch_id, share, clock.now())

    share_batch(session, batch_id, now, tell)


def _job_scheduled(session: Session, payload: dict[str, Any], now: datetime) -> None:
    deliver.job_scheduled(session, payload["reference"], now)
    pick_up.pickup_scheduled(session, payload["reference"], date.fromisoformat(payload["day"]), now)


def _job_departed(session: Session, payload: dict[str, Any], now: datetime) -> None:
    deliver.job_departed(session, payload["reference"], now)


def _job_failed(session: Session, payload: dict[str, Any], now: datetime) -> None:
    deliver.job_failed(session, payload["reference"], payload["reason"], now)
    pick_up.pickup_failed(session, payload["reference"], payload["reason"], now)
    rated.job_failed(session, payload["reference"], payload["reason"], now)
    couriers.carried_badly(session, uuid.UUID(payload["job_id"]), payload["reason"], now)
    if payload["reason"] == NOT_HANDED_IN:
        not_handed_in(session, payload["reference"], now)


def _job_refused(session: Session, payload: dict[str, Any], now: datetime) -> None:
    refuse.job_refused(session, payload["reference"], now)
    job_news.job_refused(session, payload["reference"], now)
    rated.job_refused(session, payload["reference"], now)


def _job_done(session: Session, payload: dict[str, Any], now: datetime) -> None:
    courier_id, done_at = uuid.UUID(payload["courier_id"]), datetime.fromisoformat(payload["done_at"])
    # News written before goods could wait at a station says nothing of it.
    carried_at = datetime.fromisoformat(payload.get("carried_at", payload["done_at"]))
    deliver.job_done(session, payload["reference"], courier_id, done_at, now, carried_at)
    job_news.job_done(session, payload["reference"], courier_id, done_at, now)
    rated.job_done(session, payload["reference"], courier_id, done_at, carried_at)


def _job_kept(session: Session, payload: dict[str, Any], now: datetime) -> None:
    deliver.job_kept(session, payload["reference"], datetime.fromisoformat(payload["keep_until"]), now)


def _job_still_kept(session: Session, payload: dict[str, Any], now: datetime) -> None:
    deliver.job_still_kept(session, payload["reference"], datetime.fromisoformat(payload["keep_until"]), now)


def _trade_in_collected(session: Session, payload: dict[str, Any], now: datetime) -> None:
    if payload["reference"].startswith("trade_in:"):
        trade_in_collected(session, payload["reference"], now, uuid.UUID(payload["courier_id"]))


def _transfer_collected(session: Session, payload: dict[str, Any], now: datetime) -> None:
    courier_id = uuid.UUID(payload["courier_id"])
    transfers.transfer_collected(session, payload["reference"], now, courier_id)


def _draw_inspections(session: Session, payload: dict[str, Any], now: datetime) -> None:
    seal = Seal(read().secret_keys, draw_inspections.SEAL_PURPOSE)
    draw_inspections.draw(session, uuid.UUID(payload["draw_id"]), seal, now)


def _thing_picked_up(session: Session, payload: dict[str, Any], now: datetime) -> None:
    pick_up.picked_up(session, payload["reference"], datetime.fromisoformat(payload["done_at"]), now)
    fetched(session, payload["reference"], uuid.UUID(payload["courier_id"]), now)


def _book_parcel(session: Session, payload: dict[str, Any], now: datetime) -> None:
    parcel.book_parcel(session, SIMULATED, uuid.UUID(payload["order_id"]), now)


def _follow_parcel(session: Session, payload: dict[str, Any], now: datetime) -> None:
    parcel.follow(session, SIMULATED, uuid.UUID(payload["order_id"]), now)


def _disallowed(session: Session, payload: dict[str, Any], now: datetime) -> None:
    known = payload | {"claim_id": uuid.UUID(payload["claim_id"])}
    items.record_disallowed(session, ClaimDisallowed(**known), now)


def _share_reduced(session: Session, payload: dict[str, Any], now: datetime) -> None:
    known = payload | {"shop_order_id": uuid.UUID(payload["shop_order_id"])}
    items.record_reduction(session, ShopShareReduced(**known), now)


def _cash_banked(session: Session, payload: dict[str, Any], now: datetime) -> None:
    items.release_cash(session, payload["reference"], now)
    prove.cash_banked(session, payload["reference"], now)


def _invoice_taken_back(session: Session, payload: dict[str, Any], now: datetime) -> None:
    shop_order_id, reference = uuid.UUID(payload["shop_order_id"]), payload["reference"]
    issue.issue_red(session, shop_order_id, payload["money_fen"], payload["subsidy_fen"], reference, now)


def _begin_version(session: Session, payload: dict[str, Any], now: datetime) -> None:
    draft.begin_version(session, payload["programme_id"], now)


def _draw_lots(session: Session, payload: dict[str, Any], now: datetime) -> None:
    seal = Seal(read().secret_keys, lottery.SEAL_PURPOSE)
    lottery.draw(session, uuid.UUID(payload["round_id"]), seal, now)


def _remind_of_lot(session: Session, payload: dict[str, Any], now: datetime) -> None:
    earn.remind(session, uuid.UUID(payload["lot_id"]), payload["days"], now)


def _names_seal() -> Seal:
    return Seal(read().secret_keys, real_name.SEAL_PURPOSE)


def _tell_buyers(session: Session, payload: Payload, now: datetime) -> None:
    follow_up.tell_buyers(session, uuid.UUID(payload["recall_id"]), _names_seal, now)


def _include_delivered(session: Session, payload: Payload, now: datetime) -> None:
    follow_up.include_delivered(session, uuid.UUID(payload["shop_order_id"]), _names_seal, now)


def _grade_changed(session: Session, payload: Payload, now: datetime) -> None:
    take_effect(session, SubjectKind(payload["subject_kind"]), uuid.UUID(payload["subject_id"]))


def _criteria_published(session: Session, payload: Payload, now: datetime) -> None:
    follow_criteria(session, payload["version"], now)


def _close_deposit(session: Session, payload: Payload, now: datetime) -> None:
    place = session.get_one(GroupPlace, uuid.UUID(payload["place_id"]))
    settle.close_bill(session, _provider(), place.reference, now)


def _apply_rows(session: Session, payload: Payload, now: datetime) -> None:
    go_on(session, uuid.UUID(payload["import_id"]), payload["done"], now)


HANDLERS: dict[str, tuple[Handler, ...]] = {
    "notices.text_wanted": (of_id("notice_id", send_text),),
    "bulk.rows_due": (_apply_rows,),
    "catalog.zone_stay_ends": (of_id("product_id", reconsider),),
    "delivery.batch_closed": (_plan_batch,),
    "delivery.batch_planned": (_share_batch,),
    "delivery.shares_frozen": (of_id("batch_id", carriage.charge),),
    "delivery.job_scheduled": (_job_scheduled,),
    "delivery.job_departed": (_job_departed,),
    "delivery.job_kept": (_job_kept,),
    "delivery.job_still_kept": (_job_still_kept,),
    "delivery.pick_up_due": (of_id("job_id", kept.remind),),
    "delivery.job_done": (_job_done, _trade_in_collected, _transfer_collected, _thing_picked_up),
    "delivery.job_failed": (_job_failed,),
    "delivery.job_refused": (_job_refused,),
    "delivery.courier_event_settles": (of_id("event_id", settle_event),),
    "cash.banked": (_cash_banked,),
    "cash.handed_in": (of_id("hand_in_id", couriers.handed_in),),
    "credit.appeal_due": (of_id("appeal_id", appeal.note_late),),
    "credit.criteria_published": (_criteria_published,),
    "credit.grade_changed": (_grade_changed,),
    "credit.review_written": (of_id("review_id", review_facts.weigh_with),),
    "points.lot_vests": (of_id("lot_id", earn.vest),),
    "points.lot_lapses_soon": (_remind_of_lot,),
    "points.lot_expires": (of_id("lot_id", earn.expire),),
    "recycling.quote_expires": (of_id("order_id", clocks.expire_quote),),
    "recycling.mail_in_reminder": (of_id("order_id", clocks.remind_to_post),),
    "recycling.label_expires": (of_id("order_id", clocks.expire_label),),
    "recycling.transit_overdue": (of_id("order_id", clocks.miss_parcel),),
    "recycling.parcel_wanted": (_book_parcel,),
    "recycling.parcel_check_due": (_follow_parcel,),
    "recycling.pickup_reminder": (of_id("order_id", clocks.remind_of_pickup),),
    "recycling.payout_due": (of_id("order_id", clocks.note_late_payout),),
    "recycling.return_due": (of_id("order_id", clocks.note_late_return),),
    "recycling.assessment_due": (of_id("order_id", clocks.note_late_assessment),),
    "recycling.answer_due": (of_id("order_id", clocks.return_unanswered),),
    "recycling.trade_in_answer_due": (of_id("trade_in_id", leave_unanswered),),
    "recycling.offer_accepted": (of_id("order_id", pay_out),),
    "recycling.licence_lapses": (of_id("recycler_id", suspend.lapse),),
    "recycling.recycler_stopped": (of_id("recycler_id", transfers.reassign),),
    "recycling.recycler_works": (of_id("recycler_id", empty.empty_waiting),),
    "oversight.draw_due": (_draw_inspections,),
    "oversight.rectification_due": (of_id("finding_id", rectify.note_overdue),),
    "oversight.case_due": (of_id("case_id", cases.note_late),),
    "collection.point_nearly_full": (of_id("point_id", empty.empty_nearly_full),),
    "collection.point_ends": (of_id("point_id", close_point.end),),
    "collection.booking_lapses": (of_id("item_id", bring.lapse),),
    "orders.assist_lapses": (of_id("assist_id", assist.forget),),
    "orders.payment_lapses": (_let_lapse,),
    "orders.paid": (of_id("order_id", prove_payment),),
    "orders.shop_order_undone": (_give_back, of_id("shop_order_id", complete.order_undone)),
    "orders.shop_order_delivered": (
        of_id("shop_order_id", items.record_sale),
        of_id("shop_order_id", issue.issue_blue),
        of_id("shop_order_id", prove_invoice),
        of_id("shop_order_id", remember_bought),
        of_id("shop_order_id", rated.delivered),
        of_id("shop_order_id", trace_delivered),
        _include_delivered,
    ),
    "orders.shop_share_reduced": (_share_reduced, _invoice_taken_back),
    "recalls.published": (of_id("recall_id", follow_up.stop_orders), _tell_buyers),
    "recalls.duty_due": (of_id("duty_id", duties.pass_due),),
    "shops.closed": (
        of_id("shop_id", shop_closed.give_up_orders),
        of_id("shop_id", close_group.shop_closed),
    ),
    "shops.holiday_turns": (of_id("shop_id", holiday.turn_holiday),),
    "shops.paper_expires": (of_id("paper_id", decide_paper.expire_paper),),
    "subsidies.claim_disallowed": (_disallowed,),
    "subsidies.round_closes": (_draw_lots,),
    "subsidies.version_begins": (_begin_version,),
    "subsidies.coupon_lapses": (of_id("coupon_id", coupons.lapse),),
    "savings.safe_life_over": (of_id("appliance_id", appliances.remind),),
    "settlements.item_due": (of_id("item_id", items.make_available),),
    "payments.webhook_received": (_process_webhook,),
    "payments.refund_requested": (_send_refund,),
    "payments.bill_paid": (of_id("payment_id", fee_paid), of_id("payment_id", deposits.deposit_paid)),
    "payments.refund_decided": (
        of_id("refund_id", follow_refund),
        of_id("refund_id", deposits.refund_decided),
        of_id("refund_id", review_facts.weigh_refunded),
    ),
    "fairs.ends": (of_id("fair_id", plan_fair.end_fair),),
    "groups.place_lapses": (of_id("place_id", join.lapse_place),),
    "groups.place_lapsed": (_close_deposit,),
    "groups.closes": (of_id("group_id", close_group.close_group),),
    "groups.bereft": (of_id("group_id", close_group.end_with_shop),),
    "groups.made_by": (of_id("group_id", close_group.end_late),),
    "groups.completion_reminder": (of_id("group_id", complete.remind),),
    "groups.completion_ends": (of_id("group_id", complete.end_completion),),
    "groups.deposit_freed": (of_id("place_id", deposits.give_deposit_back),),
    "aftersales.return_due": (of_id("return_id", return_due),),
    "aftersales.repair_due": (of_id("repair_id", repair_due),),
}
