"""Every page of the desk, in a browser: it can be used by everybody, at every width, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page
from sqlalchemy import select

from billing import clock
from billing.access.models import User
from billing.access.permissions import Role
from billing.charges.models import Charge
from billing.claims.models import Claim
from billing.clinic.models import PlaceOfWork
from billing.clinic.queries import the_clinic
from billing.coverage.eligibility.models import EligibilityQuestion
from billing.coverage.models import Authorisation, Benefit, Policy
from billing.database import Db
from billing.documents.models import Document, ReceivedFile
from billing.estimates.good_faith.handing_over import ask_for_estimate, deliver
from billing.estimates.good_faith.issuing import issue_estimate
from billing.estimates.good_faith.proposing import course_days
from billing.estimates.good_faith.scope import ExpectedService, Scope
from billing.estimates.models import Delivery, GoodFaithEstimate
from billing.invoices.models import Paper
from billing.operations import demo as demo_clinic
from billing.operations.eligibility.asking_payers import ask_payers
from billing.operations.errands.asking import ask
from billing.operations.models import Errand
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.payments.models import Payment
from billing.practitioners.models import (
    ContinuingEducation,
    Credential,
    CredentialKind,
    Enrolment,
    Practitioner,
    Supervision,
)
from billing.reminders.lifecycle import MessageState
from billing.reminders.links import token
from billing.reminders.models import Channel, Message, Rule
from billing.reminders.rules import SESSION
from billing.reminders.timing import session_slot
from billing.remittances.models import Remittance
from billing.sessions.models import ClinicSession
from billing.web.app import create_app
from billing.web.endpoint import endpoints
from billing.wiring import Program
from tests.browser.demo import demo_desk

LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1440, "light"), (1024, "light"), (390, "dark"))
"""Widths of a desk, a tablet and a telephone, and the colours they are looked at in."""
EXAMINED: dict[int, dict[str, Any]] = {
    1440: {"resultTypes": ["violations"]},
    390: {"runOnly": {"type": "rule", "values": ["color-contrast", "scrollable-region-focusable", "target-size"]}},
}
"""By what each page is examined for what keeps people from using it: at one width by every rule, at the other by
those whose outcome depends on width and colours."""
GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Program]]:
    with demo_desk(tmp_path_factory.mktemp("demo") / "clinic") as found:
        yield found


FIRST = {
    "/estimates": GoodFaithEstimate,
    "/coverage/questions": EligibilityQuestion,
    "/accounts/why": Patient, "/authorisations": Authorisation, "/benefits": Benefit, "/charges": Charge,
    "/claims": Claim, "/documents": Document, "/licences": Credential, "/papers": Paper, "/patients": Patient,
    "/payments": Payment, "/policies": Policy, "/remittances": Remittance, "/remittances/answers": ReceivedFile,
    "/remittances/files": ReceivedFile, "/settings/enrolments": Enrolment, "/settings/payers": Payer,
    "/settings/people": Practitioner, "/settings/users": User, "/errands": Errand, "/import": Errand,
    "/reminders": Message, "/settings/education": ContinuingEducation, "/settings/places": PlaceOfWork,
    "/settings/supervision": Supervision,
}  # fmt: skip
"""Whose number stands in an address, by what comes before it."""
OTHERS = ("/sign-in", "/healthz", "/still-here", "/sessions/<int:id>/amend")
"""Pages that are not an owner's; only who signed amends."""
MORE = (
    "/?tab=here", "/?tab=finished", "/calendar?by=room", "/claims?queue=paid", "/claims?queue=denied",
    "/claims?queue=unbilled", "/accounts?view=waiting", "/reminders?view=said",
    "/reminders?view=not_said", "/reminders?view=unknown",
)  # fmt: skip


def record(db: Db, before: str) -> str:
    """The number of the first record there is of a kind; an import's errand is asked for on the way."""
    if before == "/sessions":
        here = select(ClinicSession.id).where(ClinicSession.arrived_at.is_not(None))
        return str(db.scalars(here.order_by(ClinicSession.signed_at.is_(None).desc(), ClinicSession.id)).first())
    if before == "/licences":
        licences = select(Credential.id).where(Credential.kind == CredentialKind.LICENCE)
        return str(db.scalars(licences.order_by(Credential.id)).first())
    return str(db.scalars(select(FIRST[before].id).order_by(FIRST[before].id)).first())


def test_nothing_on_any_page_keeps_anybody_from_using_it(demo: tuple[str, Program], chromium: Browser) -> None:
    url, program = demo
    found: list[str] = []

    for person, pages in (
        (demo_clinic.PEOPLE[0].email, paths(program)),
        (demo_clinic.PRACTITIONER_EMAIL, [amended(program)]),
    ):
        # Colours that are still on their way would be judged.
        context = chromium.new_context(reduced_motion="reduce")
        tab = context.new_page()
        sign_in(tab, url, person)
        for path in pages:
            found += [f"{path}{fault}" for fault in faults(tab, f"{url}{path}")]
        context.close()

    assert not found, "\n".join(found)


def sign_in(tab: Page, url: str, email: str) -> None:
    tab.goto(f"{url}/sign-in")
    tab.get_by_label("E-mail address").fill(email)
    tab.get_by_label("Password").fill(demo_clinic.PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("button", name="Sign out").wait_for(state="attached")


def paths(program: Program) -> list[str]:
    """The address of every page that an owner can open, with a record where one is named."""
    ask_payers(program.means, program.eligibility_line)
    with program.database.transaction() as db:
        user = db.scalars(select(User.id).where(User.role == Role.OWNER)).one()
        ask(db, "bill", {"through": clock.today("UTC").isoformat()}, user, clock.now())
        rules = [one.rule for one in endpoints(create_app(program)).values() if one.method == "GET"]
        link = f"/v/{token(a_message(db), program.secret_key)}"
        enter_what_the_demo_has_none_of(db)
        issue_an_estimate(db)
        known = db.scalars(select(Benefit)).first()
        assert known is not None
        made = []
        for rule in rules:
            if rule in OTHERS:
                continue
            before, named, after = rule.partition("/<")
            if not named:
                made.append(rule)
            elif before == "/v":
                made.append(f"{link}{after.partition('>')[2]}")
            elif rule == "/settings/fees/<id>":
                made.append("/settings/fees/97810")
            elif rule == "/settings/code-sets/<id>":
                made.append("/settings/code-sets/icd10cm")
            elif rule.startswith("/settings/rule-packs/<id>"):
                made.append(f"/settings/rule-packs/medicare-ncd-30-3-3{after.partition('>')[2]}")
            elif rule.startswith("/patients/<int:id>/benefits"):
                made.append(f"/patients/{known.patient_id}/benefits/{known.payer_id}")
            elif rule == "/patients/<int:id>/authorisations/new":
                made.append(f"/patients/{known.patient_id}/authorisations/new?payer={known.payer_id}")
            elif not before.startswith("/import"):
                made.append(f"{before}/{record(db, before)}{after.partition('>')[2]}")
    return [*made, *MORE]


def enter_what_the_demo_has_none_of(db: Db) -> None:
    """A place of work, a course and a supervision, so that their pages have something to show."""
    treating, supervisor = db.scalars(select(Practitioner).order_by(Practitioner.id)).all()[:2]
    if db.scalars(select(PlaceOfWork)).first() is None:
        db.add(
            PlaceOfWork(
                name="The Annex", address1="9 Main St", city="Denver", state="CO", zip="80202-1000", country="US"
            )
        )
        db.add(
            ContinuingEducation(
                practitioner_id=treating.id, completed_on=clock.today("UTC"), minutes=90, category="ethics",
                title="Ethics at the table", provider="Pine School", is_distance=True, reference="",
            )
        )  # fmt: skip
        db.add(Supervision(practitioner_id=treating.id, supervisor_id=supervisor.id, starts_on=clock.today("UTC")))
        db.flush()


def issue_an_estimate(db: Db) -> None:
    """Of three visits, with somebody who asked for it and has it."""
    if db.scalars(select(GoodFaithEstimate)).first() is not None:
        return
    patient, at = db.scalars(select(Patient).order_by(Patient.id)).first(), clock.now()
    treating = db.scalars(select(Practitioner).where(Practitioner.npi.is_not(None)).order_by(Practitioner.id)).first()
    assert patient is not None and treating is not None
    today = clock.local(at, the_clinic(db).time_zone).date()
    ask_for_estimate(db, patient.id, today, by="user:1", at=at, remark="What is a visit?")
    days = course_days(today + timedelta(days=7), 3, ())
    scope = Scope((ExpectedService("97810"), ExpectedService("97811")), days, days[-1], ("M54.50",))
    made = issue_estimate(db, patient.id, treating.id, scope, by="user:1", at=at)
    deliver(db, made.id, Delivery.HANDED_OVER, today, by="user:1", at=at)


def a_message(db: Db) -> int:
    """The number of a reminder of some visit, about which there is a private link."""
    session = db.scalars(select(ClinicSession).order_by(ClinicSession.starts_at.desc())).first()
    assert session is not None
    row = Message(
        rule=Rule.SESSION_TOMORROW, subject_kind=SESSION, subject_id=session.id, slot=session_slot(session.starts_at),
        channel=Channel.TEXT, patient_id=session.patient_id, user_id=None, state=MessageState.PLANNED,
        due_at=session.starts_at - timedelta(days=1), not_after=session.starts_at, taken_at=None, tries=0,
        moved_at=clock.now(), sent_at=None, address="", said="", receipt="", why="",
    )  # fmt: skip
    # What the workers have planned by now is left alone.
    known = db.scalar(select(Message.id).where(Message.subject_kind == SESSION, Message.subject_id == session.id))
    if known is None:
        db.add(row)
        db.flush()
    return known or row.id


def amended(program: Program) -> str:
    """The address at which who signed the demo's session of today amends it."""
    with program.database.reading() as db:
        signed = select(ClinicSession.id).where(ClinicSession.signed_at.is_not(None)).order_by(ClinicSession.signed_at)
        return f"/sessions/{db.scalars(signed).all()[-1]}/amend"


def faults(tab: Page, address: str) -> list[str]:
    """What is wrong with a page, looked at in every way. A file that it leads to has only to come."""
    answer = tab.request.head(address)
    if answer.status != 200:
        return [f" answered {answer.status}"]
    if "text/html" not in answer.headers["content-type"]:
        return []
    complaints: list[ConsoleMessage] = []

    def hear(message: ConsoleMessage) -> None:
        complaints.append(message)

    tab.on("console", hear)
    tab.goto(address)
    seen = [fault for width, scheme in LOOKS for fault in looked_at(tab, width, scheme)]
    tab.remove_listener("console", hear)
    return seen + [f" says: {one.text}" for one in complaints if one.type == "error"]


def looked_at(tab: Page, width: int, scheme: Literal["light", "dark"]) -> list[str]:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.emulate_media(color_scheme=scheme)
    # What fits is judged when the page has been drawn that wide.
    tab.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = Axe().run(tab, options=EXAMINED[width]).response["violations"] if width in EXAMINED else []
    return [
        *([f" at {width} px scrolls sideways by {wide} px"] if wide > 0 else []),
        *(
            f" at {width} px, {scheme}: {one['id']}: {one['nodes'][0]['html'][:120]}"
            for one in found
            if one["impact"] in GRAVE
        ),
    ]
