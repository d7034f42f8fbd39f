"""The digest that a signature stands for changes with anything that was signed, and with nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from billing.sessions.charting import chart_sha256
from tests.factories import DAY, ZONE, fresh, moment, procedure, retained

SETS = [fresh(15), retained(20), fresh(15, at=moment(DAY, "09:30"))]
SERVICES = [procedure("97140", "GP", units=2)]
SIGNED = chart_sha256(SETS, SERVICES, ["M54.50", "M62.830"])


def test_equal_charts_have_equal_digests() -> None:
    again = chart_sha256([*SETS], [procedure("97140", "GP", units=2)], ["M54.50", "M62.830"])

    assert again == SIGNED
    assert len(SIGNED) == 64


@pytest.mark.parametrize(
    "digest",
    [
        chart_sha256([fresh(16), *SETS[1:]], SERVICES, ["M54.50", "M62.830"]),
        chart_sha256([retained(15), *SETS[1:]], SERVICES, ["M54.50", "M62.830"]),
        chart_sha256([fresh(15, estim=True), *SETS[1:]], SERVICES, ["M54.50", "M62.830"]),
        chart_sha256([*SETS[:2], fresh(15, at=moment(DAY, "09:31"))], SERVICES, ["M54.50", "M62.830"]),
        chart_sha256([*SETS[:2], fresh(15)], SERVICES, ["M54.50", "M62.830"]),
        chart_sha256(SETS[:2], SERVICES, ["M54.50", "M62.830"]),
        chart_sha256(SETS, [], ["M54.50", "M62.830"]),
        chart_sha256(SETS, [procedure("97140", "GP")], ["M54.50", "M62.830"]),
        chart_sha256(SETS, [procedure("97140", units=2)], ["M54.50", "M62.830"]),
        chart_sha256(SETS, SERVICES, ["M62.830", "M54.50"]),
        chart_sha256(SETS, SERVICES, ["M54.50"]),
    ],
)
def test_any_change_of_the_chart_changes_the_digest(digest: str) -> None:
    assert digest != SIGNED


def test_the_zone_in_which_an_instant_is_written_does_not_matter() -> None:
    begun = moment(DAY, "09:30")
    elsewhere = [fresh(15, at=begun.astimezone(ZoneInfo(ZONE)))]

    assert chart_sha256(elsewhere, [], []) == chart_sha256([fresh(15, at=begun.astimezone(UTC))], [], [])


def test_points_and_counted_needles_are_part_of_the_digest_where_there_are_any() -> None:
    plain, counted = fresh(15), replace(fresh(15), points=("BL23",), needles_in=6, needles_out=6)

    digests = {
        chart_sha256([one], [], [])
        for one in (plain, counted, replace(counted, points=("BL24",)), replace(counted, needles_out=5))
    }

    assert len(digests) == 4


def test_charts_of_the_old_system_keep_the_digests_they_were_imported_with() -> None:
    digest = chart_sha256([fresh(15, estim=True), retained(20)], [procedure("97140", "GP", units=2)], ["M54.50"])

    assert digest == "23d422bd66468bb582e085f896210454f528cef97d33290c803562513c8798c6"
