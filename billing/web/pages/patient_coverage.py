"""A patient's cover on a day: policies, limits with their arithmetic, rules with their sources, what payers said."""

from __future__ import annotations

from flask import Blueprint, Response

from billing.access.permissions import Permission
from billing.coverage.rules.verdict import Outcome
from billing.reports.coverage_panel import coverage_panel
from billing.reports.patient import patient_head
from billing.web.asked import asked_day
from billing.web.endpoint import Call, endpoint
from billing.web.rendering import page

pages = Blueprint("patient_coverage", __name__)
OUTCOME_KINDS = {
    Outcome.MET: "good",
    Outcome.BROKEN: "bad",
    Outcome.UNKNOWN: "warn",
    Outcome.TOLD: "info",
    Outcome.APART: "quiet",
}
"""How each outcome of a rule looks."""


@endpoint(pages, "/patients/<int:id>/coverage", may=Permission.SEE_PATIENTS, audit="patient coverage viewed",
          subject="patient")  # fmt: skip
def coverage(call: Call, id: int) -> Response:
    """What covers the patient on the day asked about, today by default."""
    on = asked_day("day") or call.today
    head = patient_head(call.db, id, call.today)
    panel = coverage_panel(call.db, id, on, call.today)
    return page(
        call, "patients/coverage.html", patient=head.patient, head=head, tab="coverage", panel=panel, on=on,
        kinds=OUTCOME_KINDS,
    )  # fmt: skip
