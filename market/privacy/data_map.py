"""The data map: every table that knows a person, what of it she gets a copy of, why it is kept and how long.

Sources: PIPL (6, 13, 17, 19, 45, 47), E-Commerce Law 31 and 39, facts §6.1 and §6.2. Days where no law names
any are the house's own: as few as the work allows.
"""

from sqlalchemy import Text, and_, cast, null, or_, select

from market.aftersales.models import AftersalesPhoto, AftersalesStep, Repair, ReturnRequest
from market.collection.models import PointItem
from market.credit.appeal_models import BuyerCreditChoice, RatingAppeal
from market.credit.models import RatingEvent, Review, SubjectKind
from market.credit.review_models import ReviewEdit, ReviewPhoto, ReviewVote
from market.delivery.models import CourierEvent, EventOutcome, Job, Proof
from market.groups.models import GroupPlace
from market.invoices.models import Invoice
from market.notices.models import Call, CallAttempt, CallWish, Notice, NoticeOptOut, TextMessage
from market.orders.assisted_models import AssistedOrder
from market.orders.models import Cart, Order, OrderState, ShopOrder
from market.payments.models import Payment, Refund
from market.people.models import Account, AccountSession, Address, Consent, DataAccess
from market.people.second_factor_models import RecoveryCode, SecondFactor
from market.points.models import PointsAccount, PointsLot
from market.privacy.holding import ME, Basis, Holding
from market.privacy.mine import (
    JOBS_OVER,
    by_case,
    by_number,
    by_order,
    by_recycling_order,
    by_shop_order,
    stops,
)
from market.recalls.models import RecallUnit
from market.recycling.models import RecyclingOrder, RecyclingPhoto, TradeIn
from market.recycling.parcel_models import FreightGrant, FreightUse
from market.recycling.payout_models import BankPayout
from market.savings.models import Appliance
from market.shops.models import ShopInvitation
from market.subsidies.coupon_models import Coupon, CouponChances, LotteryTicket, RealName
from market.subsidies.models import Claim, Evidence, Quota
from market.subsidies.review_models import ClaimSignal

MONTH, YEAR = 30, 365
DEAL_DAYS = 3 * YEAR

_MY_REVIEWS = select(Review.id).where(Review.author_id == ME)
_MY_DEPOSITS = select("group_place:" + cast(GroupPlace.id, Text)).where(GroupPlace.account_id == ME)
_NO_ADDRESS = {"recipient_name": "", "phone": "", "detail": "", "lat": None, "lon": None}

HOLDINGS = (
    # Who she is, and how she signs in.
    Holding(
        Account,
        Account.id == ME,
        (Account.phone, Account.name, Account.locale, Account.created_at),
        Basis.contract,
    ),
    Holding(
        AccountSession,
        AccountSession.account_id == ME,
        (AccountSession.user_agent, AccountSession.created_at, AccountSession.seen_at),
        Basis.contract,
        days=MONTH,
        since=AccountSession.expires_at,
        at_erasure=True,
    ),
    Holding(
        SecondFactor, SecondFactor.account_id == ME, (SecondFactor.since,), Basis.contract, at_erasure=True
    ),
    Holding(
        RecoveryCode,
        RecoveryCode.account_id == ME,
        (RecoveryCode.made_at, RecoveryCode.used_at),
        Basis.contract,
        at_erasure=True,
    ),
    Holding(
        AssistedOrder,
        AssistedOrder.account_id == ME,
        (AssistedOrder.state, AssistedOrder.created_at, AssistedOrder.agreed_at),
        Basis.record,
        days=DEAL_DAYS,
        since=AssistedOrder.created_at,
        blanks={"paper_jpeg": None, "draft": {"address": None}},
    ),
    Holding(
        ShopInvitation,
        ShopInvitation.phone == select(Account.phone).where(Account.id == ME).scalar_subquery(),
        (ShopInvitation.role, ShopInvitation.invited_at, ShopInvitation.expires_at),
        Basis.contract,
        days=MONTH,
        since=ShopInvitation.expires_at,
        at_erasure=True,
    ),
    Holding(
        Address,
        Address.account_id == ME,
        (
            Address.recipient_name,
            Address.phone,
            Address.village_code,
            Address.detail,
            Address.lat,
            Address.lon,
            Address.created_at,
            Address.deleted_at,
        ),
        Basis.contract,
        days=MONTH,
        since=Address.deleted_at,
        at_erasure=True,
    ),
    Holding(
        RealName,
        RealName.account_id == ME,
        (RealName.name, RealName.masked, RealName.checked_at),
        Basis.subsidy,
        days=DEAL_DAYS,
        since=RealName.checked_at,
        # The mark stays: the same number draws no second subsidy through a new account.
        blanks={"name": "", "masked": "", "sealed": ""},
        at_erasure=True,
        over=~select(Claim.id).where(Claim.account_id == RealName.account_id).exists(),
    ),
    # What she agreed to, what she was told, and who looked.
    Holding(
        Consent,
        Consent.account_id == ME,
        (Consent.purpose, Consent.version, Consent.given_at, Consent.withdrawn_at),
        Basis.record,
        days=DEAL_DAYS,
        since=Consent.withdrawn_at,
    ),
    Holding(
        DataAccess,
        DataAccess.account_id == ME,
        (DataAccess.role, DataAccess.purpose, DataAccess.reference, DataAccess.created_at),
        Basis.record,
        days=DEAL_DAYS,
        since=DataAccess.created_at,
    ),
    Holding(
        TextMessage,
        TextMessage.notice_id.in_(select(Notice.id).where(Notice.account_id == ME)),
        (TextMessage.phone, TextMessage.template, TextMessage.handed_over_at),
        Basis.contract,
        days=6 * MONTH,
        since=TextMessage.handed_over_at,
        at_erasure=True,
    ),
    Holding(
        Notice,
        Notice.account_id == ME,
        (Notice.kind, Notice.params, Notice.created_at, Notice.read_at),
        Basis.contract,
        days=DEAL_DAYS,
        since=Notice.created_at,
        at_erasure=True,
    ),
    Holding(
        NoticeOptOut,
        NoticeOptOut.account_id == ME,
        (NoticeOptOut.kind, NoticeOptOut.chosen_at),
        Basis.consent,
        at_erasure=True,
    ),
    Holding(CallWish, CallWish.account_id == ME, (CallWish.chosen_at,), Basis.consent, at_erasure=True),
    Holding(
        CallAttempt,
        CallAttempt.call_id.in_(select(Call.id).where(Call.account_id == ME)),
        (CallAttempt.reached, CallAttempt.note, CallAttempt.tried_at),
        Basis.safety,
        days=DEAL_DAYS,
        since=CallAttempt.tried_at,
        blanks={"note": ""},
        at_erasure=True,
    ),
    Holding(
        Call,
        Call.account_id == ME,
        (Call.reference, Call.reason, Call.state, Call.created_at, Call.reached_at),
        Basis.safety,
    ),
    # What she bought, and how it came to her.
    Holding(
        Cart,
        Cart.account_id == ME,
        (Cart.updated_at,),
        Basis.contract,
        days=6 * MONTH,
        since=Cart.updated_at,
        at_erasure=True,
    ),
    Holding(
        Order,
        Order.account_id == ME,
        (
            Order.number,
            Order.placed_at,
            Order.state,
            Order.address,
            Order.total_fen,
            Order.points_fen,
            Order.subsidy_fen,
            Order.trade_in_fen,
            Order.payable_fen,
        ),
        Basis.trade,
        days=DEAL_DAYS,
        since=Order.ended_at,
        blanks={"address": _NO_ADDRESS},
        at_erasure=True,
        over=Order.state != OrderState.placed,
    ),
    Holding(
        ShopOrder,
        by_order(ShopOrder.order_id),
        (ShopOrder.number, ShopOrder.shop_name, ShopOrder.state, ShopOrder.goods_fen),
        Basis.trade,
    ),
    Holding(
        Payment,
        or_(by_order(Payment.order_id), Payment.bill.in_(_MY_DEPOSITS)),
        (Payment.amount_fen, Payment.state, Payment.method, Payment.created_at),
        Basis.trade,
        blanks={"payer_hash": None},
        at_erasure=True,
    ),
    Holding(
        GroupPlace,
        GroupPlace.account_id == ME,
        (
            GroupPlace.pieces,
            GroupPlace.chosen,
            GroupPlace.deposit_fen,
            GroupPlace.given_back_fen,
            GroupPlace.penalty_fen,
            GroupPlace.terms_version,
            GroupPlace.state,
            GroupPlace.created_at,
        ),
        Basis.trade,
    ),
    Holding(
        Refund,
        Refund.account_id == ME,
        (Refund.amount_fen, Refund.state, Refund.paid_to, Refund.created_at),
        Basis.trade,
        blanks={"paid_to": None},
        at_erasure=True,
    ),
    Holding(
        Invoice,
        by_shop_order(Invoice.shop_order_id),
        (Invoice.year, Invoice.number, Invoice.title, Invoice.total_fen, Invoice.issued_at),
        Basis.tax,
    ),
    Holding(
        Job,
        by_number(Job.order_number),
        (Job.order_number, Job.kind, Job.state, Job.address_text, Job.recipient_name, Job.recipient_phone),
        Basis.trade,
        days=DEAL_DAYS,
        since=Job.created_at,
        blanks={"recipient_name": "", "recipient_phone": "", "address_text": ""},
        at_erasure=True,
        over=Job.state.in_(JOBS_OVER),
    ),
    Holding(
        Proof,
        Proof.stop_id.in_(stops()),
        (Proof.recipient_name, Proof.note, Proof.serial_numbers, Proof.lat, Proof.lon, Proof.taken_at),
        Basis.trade,
        days=DEAL_DAYS,
        since=Proof.taken_at,
        blanks={"recipient_name": "", "note": "", "photo": None, "lat": None, "lon": None},
        at_erasure=True,
    ),
    Holding(
        CourierEvent,
        CourierEvent.stop_id.in_(stops()),
        (CourierEvent.kind, CourierEvent.received_at),
        Basis.trade,
        days=3 * MONTH,
        since=CourierEvent.received_at,
        at_erasure=True,
        over=CourierEvent.outcome.not_in((EventOutcome.held, EventOutcome.open)),
    ),
    Holding(
        Appliance,
        Appliance.account_id == ME,
        (Appliance.name, Appliance.bought_on, Appliance.installed_on, Appliance.created_at),
        Basis.consent,
        days=MONTH,
        since=Appliance.removed_at,
        at_erasure=True,
    ),
    # What the state paid for her, and her points.
    Holding(
        Claim,
        Claim.account_id == ME,
        (
            Claim.category,
            Claim.period,
            Claim.units,
            Claim.amount_fen,
            Claim.state,
            Claim.about,
            Claim.created_at,
        ),
        Basis.subsidy,
    ),
    Holding(
        Evidence,
        Evidence.claim_id.in_(select(Claim.id).where(Claim.account_id == ME)),
        (Evidence.kind, Evidence.value, Evidence.recorded_at),
        Basis.subsidy,
    ),
    Holding(
        ClaimSignal,
        ClaimSignal.account_id == ME,
        (ClaimSignal.kind, ClaimSignal.seen_at),
        Basis.subsidy,
        days=DEAL_DAYS,
        since=ClaimSignal.seen_at,
    ),
    Holding(
        Coupon,
        Coupon.account_id == ME,
        (Coupon.category, Coupon.state, Coupon.claimed_at, Coupon.expires_at),
        Basis.subsidy,
    ),
    Holding(
        CouponChances,
        CouponChances.account_id == ME,
        (CouponChances.category, CouponChances.used, CouponChances.chances),
        Basis.subsidy,
    ),
    Holding(
        LotteryTicket,
        LotteryTicket.account_id == ME,
        (LotteryTicket.number, LotteryTicket.won),
        Basis.subsidy,
    ),
    Holding(Quota, Quota.account_id == ME, (Quota.category, Quota.used, Quota.quota), Basis.subsidy),
    Holding(
        PointsAccount,
        PointsAccount.account_id == ME,
        (PointsAccount.pending, PointsAccount.available, PointsAccount.debt),
        Basis.contract,
    ),
    Holding(
        PointsLot,
        PointsLot.account_id == ME,
        (PointsLot.reference, PointsLot.points, PointsLot.state, PointsLot.expires_at),
        Basis.contract,
    ),
    # What came back, and what she sent in.
    Holding(
        ReturnRequest,
        ReturnRequest.account_id == ME,
        (ReturnRequest.code, ReturnRequest.ground, ReturnRequest.words, ReturnRequest.state),
        Basis.trade,
        days=DEAL_DAYS,
        since=ReturnRequest.created_at,
        blanks={"words": ""},
        at_erasure=True,
    ),
    Holding(
        Repair,
        Repair.account_id == ME,
        (Repair.code, Repair.fault, Repair.words, Repair.state, Repair.fee_fen),
        Basis.trade,
        days=DEAL_DAYS,
        since=Repair.created_at,
        blanks={"words": ""},
        at_erasure=True,
    ),
    Holding(
        AftersalesStep,
        by_case(AftersalesStep.reference),
        (AftersalesStep.state, AftersalesStep.by, AftersalesStep.note, AftersalesStep.at),
        Basis.trade,
        days=DEAL_DAYS,
        since=AftersalesStep.at,
        blanks={"note": ""},
        at_erasure=True,
    ),
    Holding(
        AftersalesPhoto,
        by_case(AftersalesPhoto.reference),
        (AftersalesPhoto.by, AftersalesPhoto.sha256, AftersalesPhoto.created_at),
        Basis.trade,
        days=DEAL_DAYS,
        since=AftersalesPhoto.created_at,
        at_erasure=True,
    ),
    Holding(
        RecyclingOrder,
        RecyclingOrder.account_id == ME,
        (
            RecyclingOrder.code,
            RecyclingOrder.category_code,
            RecyclingOrder.model,
            RecyclingOrder.state,
            RecyclingOrder.paid_fen,
            RecyclingOrder.created_at,
        ),
        Basis.trade,
    ),
    Holding(
        RecyclingPhoto,
        by_recycling_order(RecyclingPhoto.order_id),
        (RecyclingPhoto.occasion, RecyclingPhoto.sha256, RecyclingPhoto.created_at),
        Basis.trade,
        days=DEAL_DAYS,
        since=RecyclingPhoto.created_at,
        at_erasure=True,
    ),
    Holding(
        BankPayout,
        by_recycling_order(BankPayout.order_id),
        (BankPayout.holder, BankPayout.bank, BankPayout.tail, BankPayout.amount_fen, BankPayout.paid_at),
        Basis.trade,
        days=DEAL_DAYS,
        since=BankPayout.paid_at,
        blanks={"holder": "", "number_sealed": "", "tail": ""},
        at_erasure=True,
        over=or_(BankPayout.paid_at.is_not(None), BankPayout.amount_fen == null()),
    ),
    Holding(
        FreightGrant,
        FreightGrant.account_id == ME,
        (FreightGrant.amount_fen, FreightGrant.state, FreightGrant.created_at),
        Basis.trade,
    ),
    Holding(FreightUse, FreightUse.account_id == ME, (FreightUse.used, FreightUse.most), Basis.trade),
    Holding(
        TradeIn,
        TradeIn.account_id == ME,
        (TradeIn.code, TradeIn.category_code, TradeIn.credit_fen, TradeIn.state, TradeIn.created_at),
        Basis.trade,
    ),
    Holding(
        PointItem,
        PointItem.account_id == ME,
        (PointItem.code, PointItem.kind, PointItem.state, PointItem.weight_grams, PointItem.created_at),
        Basis.trade,
    ),
    # What she said, and what may be dangerous.
    Holding(
        Review,
        Review.author_id == ME,
        (Review.reference, Review.stars, Review.text, Review.created_at),
        Basis.reviews,
    ),
    Holding(
        ReviewEdit,
        ReviewEdit.review_id.in_(_MY_REVIEWS),
        (ReviewEdit.stars, ReviewEdit.text, ReviewEdit.edited_at),
        Basis.reviews,
    ),
    Holding(
        ReviewPhoto,
        ReviewPhoto.review_id.in_(_MY_REVIEWS),
        (ReviewPhoto.position, ReviewPhoto.created_at),
        Basis.reviews,
    ),
    Holding(
        ReviewVote,
        ReviewVote.account_id == ME,
        (ReviewVote.is_helpful, ReviewVote.voted_at),
        Basis.reviews,
    ),
    # Her own credit, which only opens services.
    Holding(
        RatingEvent,
        and_(RatingEvent.subject_kind == SubjectKind.buyer, RatingEvent.subject_id == ME),
        (RatingEvent.kind, RatingEvent.reference, RatingEvent.happened_at),
        Basis.contract,
    ),
    Holding(
        RatingAppeal,
        RatingAppeal.appealed_by_id == ME,
        (RatingAppeal.words, RatingAppeal.answer, RatingAppeal.appealed_at),
        Basis.record,
    ),
    Holding(
        BuyerCreditChoice,
        BuyerCreditChoice.account_id == ME,
        (BuyerCreditChoice.is_off, BuyerCreditChoice.changed_at),
        Basis.consent,
        at_erasure=True,
    ),
    Holding(
        RecallUnit,
        RecallUnit.account_id == ME,
        (RecallUnit.serial, RecallUnit.state, RecallUnit.remedy, RecallUnit.changed_at),
        Basis.safety,
    ),
)
BY_NAME = {holding.name: holding for holding in HOLDINGS}
