"""Nobody's file does harm: it is refused with a sentence or written anew, within 200 MB of memory."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import FileField

from market.catalog.evidence import Scan
from market.catalog.pictures import PictureFile
from market.kernel.clock import SHANGHAI
from tests.builders.catalog import a_listing
from tests.builders.hostile import hostile_files
from tests.builders.shops import a_clerk, a_shop
from tests.database import fresh_database
from tests.web.send_hostile import READERS

ROOT = Path(__file__).parents[2]
MOST_BYTES = 200_000_000
# Every field of the site that takes a file, and what reads it: a new field has to be put here, and so tried.
FIELDS = {
    ("AnswersForm", "file"): "treasury",
    ("AssessForm", "photo"): "photo",
    ("AssessTradeInForm", "photo"): "photo",
    ("CertificateForm", "scan"): "photo",
    ("DepositForm", "slip_photo"): "photo",
    ("DocumentForm", "photo"): "photo",
    ("DoneForm", "photo"): "photo",
    ("FindingForm", "photo"): "photo",
    ("LabelForm", "scan"): "photo",
    ("ListingForm", "photos"): "picture",
    ("ListingForm", "scan"): "photo",
    ("ObjectForm", "photos"): "photo",
    ("PaperConsentForm", "photo"): "photo",
    ("PaperForm", "photo"): "photo",
    ("PhotosForm", "photos"): "picture",
    ("PointForm", "photo"): "photo",
    ("ReceiveForm", "photo"): "photo",
    ("ReviewForm", "photos"): "photo",
    ("RectifiedForm", "photo"): "photo",
    ("RepairForm", "photos"): "photo",
    ("ReportForm", "photos"): "photo",
    ("ReturnForm", "photos"): "photo",
    ("SheetForm", "sheet"): "sheet",
    ("ThingForm", "photos"): "photo",
    ("_CaseForm", "photos"): "photo",
}


def upload_fields() -> set[tuple[str, str]]:
    """Every file field of every form there is."""
    found, todo = set(), [FlaskForm]
    while todo:
        form = todo.pop()
        todo += form.__subclasses__()
        for name in dir(form):
            field = getattr(getattr(form, name, None), "field_class", None)
            if isinstance(field, type) and issubclass(field, FileField):
                found.add((form.__name__, name))
    return found


def test_every_upload_field_is_known_with_a_reader_that_is_tried(app: Flask) -> None:
    assert upload_fields() == set(FIELDS)
    assert set(FIELDS.values()) <= set(READERS)


@pytest.fixture(scope="module")
def outcome(postgres, valkey_server, tmp_path_factory):
    """What a process of its own made of every file, sent to the shop's fields and read by each reader."""
    folder = tmp_path_factory.mktemp("hostile")
    for number, (name, data) in enumerate(hostile_files().values()):
        (folder / f"{number}.bin").write_bytes(data)
        (folder / f"{number}.name").write_text(name, encoding="utf-8")
    now = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
    with fresh_database(postgres) as engine:
        with Session(engine) as session, session.begin():
            shop = a_shop(session, now)
            listing, clerk = a_listing(session, shop, now), a_clerk(session, shop, now)
            asked = {
                "folder": str(folder),
                "names": list(hostile_files()),
                "database_url": engine.url.render_as_string(hide_password=False),
                "redis_url": valkey_server.url,
                "clerk": str(clerk.id),
                "listing": str(listing.id),
            }
        ran = subprocess.run(
            [sys.executable, "-m", "tests.web.send_hostile"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=500,
        )
        assert ran.returncode == 0, ran.stderr[-3_000:]
        with Session(engine) as session:
            kept = [*session.scalars(select(PictureFile.data)), *session.scalars(select(Scan.jpeg))]
        left = list(folder.parent.rglob("cron.d"))
        yield json.loads(ran.stdout.splitlines()[-1]) | {"kept": kept, "left": left}


def test_each_is_refused_with_a_sentence_or_taken_and_nothing_breaks(outcome) -> None:
    statuses = outcome["statuses"]
    assert len(statuses) >= 25 * 5
    assert {status for status, _ in statuses.values()} <= {303, 422, 413, 400}
    refused = {where for where, (status, said) in statuses.items() if status == 422 and not said}
    assert refused == set()


def test_only_true_pictures_are_taken_as_pictures_and_only_true_sheets_as_sheets(outcome) -> None:
    taken = {where for where, (status, _) in outcome["statuses"].items() if status == 303}
    pictures = {
        "jpeg with html behind it", "jpeg with an archive behind it", "png with a script in its text",
        "name that climbs", "name with a NUL", "name of 5,000 characters",
        "photo that says where it was taken",
    }  # fmt: skip
    assert {where for where in taken if where.startswith("photos: ")} == {f"photos: {it}" for it in pictures}
    assert {where for where in taken if where.startswith("sheet: ")} == {
        "sheet: workbook with names that climb"
    }


def test_what_is_kept_holds_no_script_and_no_place(outcome) -> None:
    assert len(outcome["kept"]) > 6
    for data in outcome["kept"]:
        assert not any(word in data for word in (b"<script", b"SecretMaker", b"Exif", b"PK\x03\x04"))
    assert outcome["left"] == []


def test_no_file_takes_200_megabytes(outcome) -> None:
    large = {where: grown for where, grown in outcome["grown"].items() if grown > MOST_BYTES}
    assert large == {}
    assert outcome["peak"] - outcome["start"] < MOST_BYTES


def test_the_files_are_what_they_say() -> None:
    files = hostile_files()
    assert len(files) >= 25
    assert all(len(data) < 12_000_000 for _, data in files.values())
