"""Changing who pays for a session before anything of it was billed, with what follows from it at once.

Under the billing run's lock, so that nothing is filed or issued in between.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement

from billing.charges.capturing import standing_charges
from billing.claims.assembly.assembling import LOCK, hold_unfiled
from billing.claims.assembly.setting_aside import set_aside_unwanted
from billing.claims.queries import sessions_fixed_by_claims
from billing.database import Db, hold_lock
from billing.invoices.at_desk import charge_session
from billing.invoices.queries import sessions_with_papers
from billing.sessions.billing_details import BillingDetails, set_billing_details
from billing.sessions.models import ClinicSession
from billing.sessions.moving import the_session


def change_billing(db: Db, session_id: int, details: BillingDetails, *, by: str, at: datetime) -> list[str]:
    """Have the session say this of who pays and why; returns the names of what is different now.

    When somebody else pays than before, a claim that waits for the insurance is set aside, and charges made already
    are owed by whoever pays now. Raises :class:`NotFound`, and :class:`Refused` with every problem at its field,
    or because a claim was filed or a paper issued.
    """
    hold_lock(db, LOCK)
    session = the_session(db, session_id)
    hold_unfiled(db, [session.patient_id])
    changed = set_billing_details(
        db, session_id, details, is_filed=sessions_fixed_by_claims(), has_paper=sessions_with_papers()
    )
    if "bill_to" in changed:
        this: ColumnElement[bool] = ClinicSession.id == session_id
        set_aside_unwanted(db, this, by=by, at=at)
        if standing_charges(db, [session_id])[session_id]:
            charge_session(db, session_id, at)
    return changed
