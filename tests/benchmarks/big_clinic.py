"""A large synthetic clinic as an import folder: always the same, and every insurance session in it can be filed.

One clinic in Oregon, by default over the first quarter of 2026: each patient comes about every week, no patient
twice a day, no practitioner in two rooms at once. Nobody in it exists.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

FIRST_DAY, LAST_DAY = date(2026, 1, 5), date(2026, 3, 28)
SESSIONS_A_DAY = 10
"""Of one practitioner: an hour each, from eight o'clock."""
COMMERCIAL = ("P1", "P2", "P3", "P4")
MEDICAID, VETERANS = "P5", "P6"

FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dov", "Esra", "Fay", "Gil", "Hana", "Ines", "Jon", "Kaya", "Lew", "Mina", "Nils")
LAST_NAMES = ("Abbott", "Brandt", "Castel", "Dunn", "Ekberg", "Farrow", "Gale", "Holt", "Iversen", "Jarvis", "Kemp")
STREETS = ("Ankeny St", "Division St", "Fremont St", "Harrison St", "Lincoln St", "Prescott St", "Salmon St")
FEES = {"97810": "95.00", "97811": "70.00", "97813": "105.00", "97814": "78.50", "97140": "55.25"}


class _Charted(NamedTuple):
    sets: str
    procedures: str
    standard_fee: str


CHARTS = (
    _Charted("15 new;15 new", "", "165.00"),
    _Charted("15 new;15 new", "", "165.00"),
    _Charted("15 new", "", "95.00"),
    _Charted("15 new estim;15 new estim", "", "183.50"),
    _Charted("15 new", "97140 GP x1", "150.25"),
    _Charted("15 new;15 new;10 retained", "", "165.00"),
)
DIAGNOSES = ("M54.50;M62.830", "M54.2;M54.6", "G44.229", "M25.511;M79.18", "M54.6", "G43.909")


def write_big_clinic(
    folder: Path, patients: int, sessions: int, first_day: date = FIRST_DAY, *, last_day_is_booked: bool = False
) -> int:
    """Write the folder's CSV files; returns how many of the sessions are signed.

    They are spread from ``first_day`` to ``LAST_DAY``, on which they may still be to come. Raises ``ValueError``
    when so few patients cannot have so many sessions without coming twice a day.
    """
    days = [day for day in _days(first_day) if day.weekday() < 6]
    a_day = math.ceil(sessions / len(days))
    if a_day > patients:
        raise ValueError(f"{patients} patients cannot have {sessions} sessions in {len(days)} days")
    practitioners = max(1, math.ceil(a_day / SESSIONS_A_DAY))
    folder.mkdir(parents=True, exist_ok=True)
    _write_clinic(folder, practitioners)
    _write_people(folder, patients)
    booked_on = LAST_DAY if last_day_is_booked else None
    rows = list(_sessions(days, a_day, patients, practitioners, sessions, booked_on))
    _write(
        folder / "sessions.csv",
        "id,patient_id,practitioner_id,room,date,start,minutes,status,sets,procedures,diagnoses,pain_score,bill_to,"
        "paid,paid_by",
        rows,
    )
    return sum(row[7] == "signed" for row in rows)


def _days(first: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((LAST_DAY - first).days + 1))


def _write(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)


def _npi(number: int) -> str:
    """A well-formed National Provider Identifier: nine digits and the Luhn check digit behind 80840."""
    digits = f"{100_000_000 + number:09d}"
    total = 24  # what the digits of 80840 add to every NPI's sum
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 if position % 2 else 2)
        total += doubled - 9 if doubled > 9 else doubled
    return f"{digits}{-total % 10}"


def _write_clinic(folder: Path, practitioners: int) -> None:
    payers = (*COMMERCIAL, MEDICAID, VETERANS)
    everyone = range(1, practitioners + 1)
    _write(
        folder / "clinic.csv",
        "name,npi,tax_id,tax_id_kind,address1,city,state,zip,phone,email,time_zone,currency,submitter_id",
        [("Long Quarter Acupuncture", _npi(1), "93-1234567", "EIN", "100 SE Example Street", "Portland", "OR",
          "97214-2318", "503-555-0100", "desk@clinic.example.org", "America/Los_Angeles", "USD", "LONGQ01")],
    )  # fmt: skip
    _write(
        folder / "practitioners.csv",
        "id,first_name,last_name,credentials,npi,taxonomy,email",
        (
            (f"PR{one}", _of(FIRST_NAMES, one), _of(LAST_NAMES, one), "L.Ac.", _npi(1000 + one), "171100000X", "")
            for one in everyone
        ),
    )
    _write(
        folder / "licences.csv",
        "practitioner_id,kind,issuer,number,valid_from,valid_to,status",
        [(f"PR{one}", "licence", "OR", f"AC-{one:05d}", "2022-01-01", "2027-12-31", "active") for one in everyone]
        + [(f"PR{one}", "malpractice", "Example Mutual", f"EM-{one}", "2022-01-01", "2027-12-31", "active")
           for one in everyone],
    )  # fmt: skip
    _write(
        folder / "payers.csv",
        "id,name,payer_number,kind,address1,city,state,zip",
        (
            (payer, f"Example Health Plan {payer}", f"EXAM{payer}", _kind(payer), "PO Box 100", "Salem", "OR", "97301")
            for payer in payers
        ),
    )
    _write(
        folder / "enrolments.csv",
        "practitioner_id,payer_id,network,effective_from",
        ((f"PR{one}", payer, "in", "2023-01-01") for one in everyone for payer in payers),
    )
    _write(
        folder / "fees.csv",
        "code,amount,payer_id,effective_from",
        [(code, amount, payer, "2022-01-01") for code, amount in FEES.items() for payer in ("", "P1")],
    )


def _kind(payer: str) -> str:
    return {MEDICAID: "medicaid", VETERANS: "va"}.get(payer, "commercial")


def _of(words: tuple[str, ...], number: int) -> str:
    return words[number % len(words)]


def _payer(patient: int) -> str:
    """Of twenty patients fourteen have commercial insurance, two Medicaid, one the VA; three have none."""
    share = patient % 20
    if share < 14:
        return _of(COMMERCIAL, patient)
    return MEDICAID if share < 16 else VETERANS if share == 16 else ""


def _bill_to(patient: int) -> str:
    return "insurance" if _payer(patient) else "self" if patient % 20 == 19 else "superbill"


def _write_people(folder: Path, patients: int) -> None:
    insured = [(one, _payer(one)) for one in range(1, patients + 1) if _payer(one)]
    _write(
        folder / "patients.csv",
        "id,first_name,last_name,birth_date,sex,address1,city,state,zip,phone,email,sms_consent,email_consent,"
        "signature_on_file,flags",
        (
            (f"A{one}", _of(FIRST_NAMES, one), f"{_of(LAST_NAMES, one)}-{_of(STREETS, one)[:4]}",
             date(1940, 1, 1) + timedelta(days=one * 7919 % 25_000), _of(("F", "M", "U"), one),
             f"{100 + one % 9000} SE {_of(STREETS, one)}", "Portland", "OR", f"{97201 + one % 30}",
             f"503-555-{one % 10_000:04d}", f"a{one}@example.org", "yes", "yes", "yes",
             "anticoagulant" if one % 40 == 0 else "")
            for one in range(1, patients + 1)
        ),
    )  # fmt: skip
    _write(
        folder / "policies.csv",
        "patient_id,payer_id,rank,member_id,relationship,effective_from",
        ((f"A{one}", payer, 1, f"EX{one:08d}", "self", "2023-01-01") for one, payer in insured),
    )
    _write(
        folder / "benefits.csv",
        "patient_id,payer_id,covered,copay,deductible_remaining,visits_used_elsewhere,authorisation_required,verified_on",
        (
            (f"A{one}", payer, "yes", "25.00", "0.00", 0, "yes" if payer == VETERANS else "no", "2026-03-15")
            for one, payer in insured
        ),
    )
    _write(
        folder / "authorisations.csv",
        "patient_id,payer_id,number,valid_from,valid_to,visits",
        (
            (f"A{one}", payer, f"VA{one:08d}", "2026-01-01", "2026-12-31", 200)
            for one, payer in insured
            if payer == VETERANS
        ),
    )
    _write(
        folder / "plans.csv",
        "patient_id,practitioner_id,starts_on,diagnosis,weekly_sessions,fortnightly_sessions",
        ((f"A{one}", "PR1", "2026-01-05", "M54.50", 8, 4) for one in range(10, patients + 1, 10)),
    )


def _sessions(
    days: list[date], a_day: int, patients: int, practitioners: int, sessions: int, booked_on: date | None
) -> Iterator[tuple[object, ...]]:
    for number in range(sessions):
        day, place = days[number // a_day], number % a_day
        patient, practitioner = number % patients + 1, place % practitioners + 1
        status = "cancelled" if number % 50 == 49 else "no_show" if number % 100 == 48 else "signed"
        if day == booked_on:
            status = "booked"
        chart = CHARTS[(number // 3) % len(CHARTS)] if status == "signed" else _Charted("", "", "")
        bill_to = _bill_to(patient)
        paid = chart.standard_fee if bill_to != "insurance" else "25.00" if number % 3 == 0 and chart.sets else ""
        yield (
            f"S{number + 1}", f"A{patient}", f"PR{practitioner}", f"Room {practitioner}", day,
            f"{8 + place // practitioners:02d}:00", 60, status, chart.sets, chart.procedures,
            _of(DIAGNOSES, patient) if chart.sets else "", 3 + number % 5 if chart.sets else "", bill_to,
            paid, "card" if paid else "",
        )  # fmt: skip
