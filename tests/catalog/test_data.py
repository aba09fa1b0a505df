from market.catalog.load import load_catalog, rows
from market.catalog.models import Category, Standard
from market.catalog.queries import categories

# Facts §1.1: what GB-2026 and DIGI-2026 subsidize, and what a county's clean heating programme may.
STATE = {"fridge", "washer", "tv", "ac", "water_heater", "pc", "phone", "tablet", "watch", "smart_glasses"}
HEATING = {"heat_pump", "wall_hung_boiler", "solar_water_heater", "clean_stove", "home_storage"}
LOCAL = {"smart_home"}  # SMARTHOME-2026: what is paid, a locality says


def test_the_policys_categories_are_there_and_only_the_programmes_are_subsidized(session):
    load_catalog(session)
    load_catalog(session)
    found = categories(session)
    assert len(found) == len(rows("categories")) >= 16
    assert {category.subsidy_category for category in found} - {None} == STATE | HEATING | LOCAL
    assert found[0].code == "heat_pump"


def test_a_category_points_to_a_standard_that_covers_it(session):
    load_catalog(session)
    for category in categories(session):
        if category.label_standard:
            assert category.code in session.get_one(Standard, category.label_standard).category_codes


def test_every_standard_covers_categories_that_exist_and_says_where_it_comes_from(session):
    load_catalog(session)
    for row in rows("standards"):
        assert all(session.get(Category, code) for code in row["category_codes"]), row["number"]
        assert row["source"]
        assert row["verified"] is row["confidence"].startswith("V-H")
