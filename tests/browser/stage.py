"""A clinic that is set up and has no patient yet, on whatever day the tests run."""

from __future__ import annotations

from datetime import date, timedelta

from billing import clock
from billing.database import Db
from billing.practitioners.accounts import link_account
from tests.access.cast import Cast
from tests.factories import (
    FEES,
    a_fee,
    make_clinic,
    make_credential,
    make_enrolment,
    make_payer,
    make_practitioner,
    make_room,
    written,
)

LONG_AGO = timedelta(days=400)
PAYER = "Cascade Mutual"


def open_a_clinic(db: Db, cast: Cast) -> date:
    """Everything that must be there before the first patient, with Ben to treat; gives the clinic's today."""
    clinic = make_clinic(db)
    today = clock.today(clinic.time_zone)
    for name in ("Alder", "Birch"):
        make_room(db, name)
    ben = make_practitioner(db, first_name="Ben", last_name="Strand")
    payer = make_payer(db, name=PAYER)
    make_credential(db, ben, valid_from=today - LONG_AGO, valid_to=today + LONG_AGO)
    make_enrolment(db, ben, payer, effective_from=today - LONG_AGO)
    for code, cents in FEES.items():
        written(db, a_fee(code, cents))
    link_account(db, ben.id, cast.ben.id)
    return today
