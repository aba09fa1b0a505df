"""The courier's day: each stop ends once, with its proof and the exact cash, or with its reason."""

import io
import uuid
from datetime import datetime

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.delivery.close_batch import close_next_wave
from market.delivery.drive import Left, complete_stop, fail_stop, start_run
from market.delivery.models import BatchState, Courier, JobState, Proof, RunState, Stop, StopState
from market.delivery.photo import MOST_KEPT_BYTES, place_of, small_jpeg
from market.delivery.plan_batch import plan_batch
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from tests.builders.delivery import DAY, a_courier, a_ready_job, a_run_underway

CHECKS = frozenset({"level", "earthing", "shown"})


@pytest.fixture
def courier(session: Session, now: datetime) -> Courier:
    return a_courier(session, now)


def _stop(session: Session, courier: Courier, now: datetime, **changes: object) -> Stop:
    a_ready_job(session, now, **changes)
    return a_run_underway(session, courier, now).stops[0]


def _count(session: Session, kind: str) -> int:
    found = select(func.count()).select_from(OutboxRow).where(OutboxRow.kind == kind)
    return session.scalars(found).one()


def test_a_stop_is_done_with_what_was_left(session: Session, courier: Courier, now: datetime) -> None:
    stop = _stop(session, courier, now, cash_due_fen=259900)
    left = Left("王秀英", 259900, serial_numbers=("SN-1",), checks=CHECKS)
    complete_stop(session, courier, stop.id, left, now)
    assert stop.state is StopState.done
    assert stop.proof is not None
    assert (stop.proof.cash_fen, stop.proof.serial_numbers) == (259900, ["SN-1"])
    assert stop.run.state is RunState.done
    assert stop.run.batch.state is BatchState.done
    assert _count(session, "delivery.job_done") == 1


def test_a_stop_synced_twice_has_one_effect(session: Session, courier: Courier, now: datetime) -> None:
    stop = _stop(session, courier, now)
    complete_stop(session, courier, stop.id, Left("王秀英", 0, checks=CHECKS), now)
    complete_stop(session, courier, stop.id, Left("别人", 0, checks=CHECKS), now)
    assert stop.proof is not None
    assert stop.proof.recipient_name == "王秀英"
    assert _count(session, "delivery.job_done") == 1


@pytest.mark.parametrize(
    ("left", "code"),
    [
        (Left("王秀英", 259899, checks=CHECKS), "delivery.cash"),
        (Left("王秀英", 259901, checks=CHECKS), "delivery.cash"),
        (Left("  ", 259900, checks=CHECKS), "delivery.recipient"),
        (Left("王秀英", 259900, checks=frozenset({"level"})), "delivery.checklist"),
    ],
)
def test_a_stop_that_is_not_whole_is_refused(
    session: Session, courier: Courier, now: datetime, left: Left, code: str
) -> None:
    stop = _stop(session, courier, now, cash_due_fen=259900)
    with pytest.raises(Refused) as refused:
        complete_stop(session, courier, stop.id, left, now)
    assert refused.value.code == code
    assert stop.state is StopState.pending
    assert session.scalar(select(func.count()).select_from(Proof)) == 0


def test_what_failed_is_ready_for_the_next_batch(session: Session, courier: Courier, now: datetime) -> None:
    stop = _stop(session, courier, now)
    (job,) = stop.jobs
    fail_stop(session, courier, stop.id, "nobody_home", now)
    fail_stop(session, courier, stop.id, "refused", now)
    assert (stop.state, stop.reason) == (StopState.failed, "nobody_home")
    assert (job.state, job.batch_id, job.reason) == (JobState.ready, None, "nobody_home")
    assert _count(session, "delivery.job_failed") == 1


def test_a_failed_job_is_carried_by_the_next_batch(session: Session, courier: Courier, now: datetime) -> None:
    stop = _stop(session, courier, now)
    (job,) = stop.jobs
    fail_stop(session, courier, stop.id, "nobody_home", now)
    batch = close_next_wave(session, "610924", DAY, now)
    plan_batch(session, batch.id, now, cpu_seconds=0.5)
    assert batch.wave == 2
    assert job.batch_id == batch.id
    assert job.stop_id != stop.id


def test_an_old_appliance_that_was_kept_fails_alone(
    session: Session, courier: Courier, now: datetime
) -> None:
    old = a_ready_job(session, now, kind="collect")
    stop = _stop(session, courier, now)
    left = Left("王秀英", 0, checks=CHECKS, not_handed_in=frozenset({old.id}))
    complete_stop(session, courier, stop.id, left, now)
    assert (old.state, old.reason) == (JobState.ready, "not_handed_in")
    assert _count(session, "delivery.job_done") == 1


def test_another_couriers_run_is_not_found(session: Session, courier: Courier, now: datetime) -> None:
    stop = _stop(session, courier, now)
    other = a_courier(session, now)
    for attempt in (
        lambda: start_run(session, other, stop.run_id, now),
        lambda: complete_stop(session, other, stop.id, Left("王秀英", 0), now),
        lambda: fail_stop(session, other, stop.id, "refused", now),
        lambda: fail_stop(session, other, uuid.uuid4(), "refused", now),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert stop.state is StopState.pending


def test_a_photo_is_small_and_says_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0110] = "a phone"
    out = io.BytesIO()
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    kept = small_jpeg(out.getvalue())
    assert len(kept) <= MOST_KEPT_BYTES
    assert not Image.open(io.BytesIO(kept)).getexif()


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut"])
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="photo_unreadable"):
        small_jpeg(data)


def test_a_photos_place_is_read_for_the_proof_and_leaves_the_picture():
    taken = Image.new("RGB", (40, 30))
    exif = Image.Exif()
    exif[IFD.GPSInfo] = {
        GPS.GPSLatitudeRef: "N", GPS.GPSLatitude: (32.0, 30.0, 51.12),
        GPS.GPSLongitudeRef: "E", GPS.GPSLongitude: (108.0, 31.0, 18.48),
    }  # fmt: skip
    data = io.BytesIO()
    taken.save(data, "JPEG", exif=exif)
    lat, lon = place_of(data.getvalue()) or (0, 0)
    assert (round(lat, 4), round(lon, 4)) == (32.5142, 108.5218)
    assert place_of(small_jpeg(data.getvalue())) is None


def test_a_photo_without_a_place_or_no_photo_at_all_has_none():
    data = io.BytesIO()
    Image.new("RGB", (40, 30)).save(data, "JPEG")
    assert [place_of(it) for it in (data.getvalue(), b"", b"GIF89a")] == [None, None, None]
