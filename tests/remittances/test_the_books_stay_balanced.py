"""Whatever payers and patients do, in whatever order: the books add up, and can be made again from what was kept."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing.charges.models import Charge
from billing.claims.lifecycle import ClaimState
from billing.claims.models import AdjudicatedLine, Adjudication, Claim, Responsibility
from billing.codes.adjustments import Effect, reason
from billing.database import Database
from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.errors import Refused
from billing.ledger.accounts import ALLOCATIONS, kind_of
from billing.ledger.models import Posting
from billing.ledger.queries import unbalanced_entries
from billing.patients.models import Patient
from billing.payments.models import Payment as PatientsPayment
from billing.payments.models import PaymentMethod
from billing.payments.queries import accounts
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.remittances.incoming import Fate
from billing.sessions.models import ClinicSession
from tests.claims.office import Office, open_office
from tests.factories import (
    DAY,
    make_benefit,
    make_enrolment,
    make_patient,
    make_payer,
    make_payment,
    make_policy,
    make_session,
)
from tests.remittances.books import PAID_AT, POSTED, QUEUED, REPEATED, bill_further, remit
from tests.remittances.payer import PAID_ON, Adjustments, Answer, answer, file_of, pays, reversal

MOST_VISITS = 6
BILLED_THROUGH = date(2026, 4, 11)
SECOND = {"payer_name": "SECOND HEALTH", "payer_number": "EX0002", "originator": "1932222222"}

_numbers = count(1)
_any = st.integers(min_value=0, max_value=1000)
_cents = st.integers(min_value=1, max_value=200_00)
_parts = st.lists(
    st.tuples(
        st.sampled_from(["CO-45", "CO-253", "CO-50", "PI-45", "OA-209", "PR-1", "PR-2", "PR-3", "PR-204"]),
        st.sampled_from([0, 10, 33, 50, 100]),
    ),
    max_size=3,
)
"""What is not paid of a line: reasons, and each one's percentage of what the ones before it have left."""
_both = st.tuples(_parts, _parts)

_withheld = st.lists(
    st.tuples(st.sampled_from(["WO:1", "FB:1", "72:1", "L6:1"]), st.integers(-20_00, 20_00)), max_size=2
)

Parts = list[tuple[str, int]]


@dataclass
class Stage:
    """An office with two patients: the first has one insurer, the second has two."""

    office: Office
    patients: tuple[Patient, Patient]

    @property
    def database(self) -> Database:
        return self.office.database

    def balances(self) -> dict[str, int]:
        """Every account that is not at zero, allocations by subject included."""
        account = Posting.account + ":" + sa.func.coalesce(Posting.about, "")
        with self.database.reading() as db:
            rows = db.execute(sa.select(account, sa.func.sum(Posting.cents)).group_by(account)).all()
        return {name: int(cents) for name, cents in rows if cents}


def on_stage(template: Path, folder: Path) -> Stage:
    file = folder / f"{next(_numbers)}.sqlite3"
    shutil.copyfile(template, file)
    office = open_office(Database(f"sqlite:///{file}"))
    with office.database.transaction() as db:
        second, other = make_payer(db, name="Second Health"), make_patient(db, first_name="Jo")
        make_enrolment(db, office.scene.practitioner, second)
        for rank, payer in enumerate((office.scene.payer, second), start=1):
            make_policy(db, other, payer, rank=rank)
            make_benefit(db, other, payer)
    return Stage(office, (office.scene.patient, other))


Act = Callable[[Stage], object]
"""Something that happens in the clinic, and would happen the same in another one that had come so far."""


def visit(number: int, paid: int) -> Act:
    """A billed session of one of the two, who may have paid on the day."""

    def act(stage: Stage) -> None:
        with stage.database.transaction() as db:
            patient = stage.patients[number % 2]
            on = DAY + timedelta(days=6 * number)
            session = make_session(db, patient, stage.office.scene.practitioner, on)
            if paid:
                make_payment(db, session, paid)
        stage.office.bill(BILLED_THROUGH, PAID_AT)

    return act


def desk(patient: int, cents: int, charge_id: int | None) -> Act:
    """Money at the desk, for whatever is owed or for a charge, unless that takes no money."""

    def act(stage: Stage) -> None:
        charges = [charge_id] if charge_id else []
        with suppress(Refused), stage.database.transaction() as db:
            take_payment(
                db, stage.patients[patient].id, cents, PaymentMethod.CARD, PAID_ON, charges=charges, at=PAID_AT
            )

    return act


def give_back(payment_id: int, cents: int, why: str) -> Act:
    """A refund, which is refused when it is not the patient's to have."""

    def act(stage: Stage) -> None:
        with suppress(Refused), stage.database.transaction() as db:
            refund(db, payment_id, cents, why, PAID_ON, at=PAID_AT)

    return act


def split(owed: int, parts: Parts) -> Adjustments:
    """A decision about so many cents."""
    told: Counter[str] = Counter()
    for code, percent in parts:
        told[code] += (owed - told.total()) * percent // 100
    return {code: cents for code, cents in told.items() if cents}


@dataclass(frozen=True)
class Decided:
    """What the standing decisions about a charge come to, worked out without the books."""

    charge_cents: int
    patient_id: int
    paid_cents: int
    patient_cents: int
    """What the last payer that is asked leaves to the patient."""
    refused_cents: int
    """Of a patient with one insurer: what stays with it."""
    has_two_insurers: bool


def standing_decisions(stage: Stage) -> dict[int, Decided]:
    with stage.database.reading() as db:
        charges = db.execute(
            sa.select(Charge.id, Charge.cents, ClinicSession.patient_id).join(
                ClinicSession, ClinicSession.id == Charge.session_id
            )
        ).all()
        rows = db.execute(
            sa.select(Claim.responsibility, AdjudicatedLine)
            .join(Adjudication, Adjudication.source == AdjudicatedLine.source)
            .join(Claim, Claim.id == Adjudication.claim_id)
            .where(Adjudication.reversed_at.is_(None))
        ).all()
    order = sorted(rows, key=lambda row: [int(part) for part in row[1].source.split(":") if part.isdecimal()])
    last = {(line.charge_id, turn): line for turn, line in order}
    return {number: _decided(number, cents, patient, stage, last) for number, cents, patient in charges}


def _decided(
    charge_id: int,
    cents: int,
    patient_id: int,
    stage: Stage,
    last: dict[tuple[int, Responsibility], AdjudicatedLine],
) -> Decided:
    has_two = patient_id == stage.patients[1].id
    lines = [last[charge_id, turn] for turn in Responsibility if (charge_id, turn) in last]
    decides = last.get((charge_id, Responsibility.SECONDARY if has_two else Responsibility.PRIMARY))
    told = decides.adjustments if decides else []
    refused = sum(part for group, code, part in told if group != "PR" and _is_denial(code))
    return Decided(
        cents,
        patient_id,
        sum(line.paid_cents for line in lines),
        sum(part for group, _, part in told if group == "PR"),
        (refused if decides.paid_cents == 0 else 0) if decides else cents,
        has_two,
    )


def _is_denial(code: str) -> bool:
    known = reason(code)
    return known is not None and known.effect is Effect.DENIAL


def booked(stage: Stage) -> dict[tuple[int, str], int]:
    """What payers' decisions have put on each kind of account about each charge, and the charge itself."""
    with stage.database.reading() as db:
        rows = db.execute(
            sa.select(Posting.about, Posting.account, Posting.cents).where(
                Posting.about.startswith("charge:"),
                sa.not_(Posting.entry.startswith(ALLOCATIONS)),
                sa.not_(Posting.entry.startswith("payment:")),
                sa.not_(Posting.entry.startswith("refund:")),
            )
        ).all()
    found: Counter[tuple[int, str]] = Counter()
    for about, account, cents in rows:
        found[int(about.removeprefix("charge:")), kind_of(account)] += cents
    return found


class TheBooks(RuleBasedStateMachine):
    """A clinic, its payers and its patients."""

    def __init__(self, template: Path, folder: Path) -> None:
        super().__init__()
        self.template, self.folder = template, folder
        self.stage = on_stage(template, folder)
        self.done: list[Act] = []
        self.visits = 0
        self.said: list[tuple[Responsibility, Answer]] = []
        """Decisions that were posted."""
        self.files: dict[str, Fate] = {}
        """What was taken in and what became of it, by the hash under which it is kept."""
        self.sent: dict[str, ProfessionalClaim] = {}

    def do(self, act: Act) -> None:
        act(self.stage)
        self.done.append(act)

    def take_in(self, sha256: str) -> Fate:
        """Take in a payment file from where it is kept."""
        content = self.stage.office.store.get(sha256)
        (judged,) = remit(self.stage.office, content)
        self.done.append(lambda stage: remit(stage.office, content))
        if judged.fate is POSTED or sha256 not in self.files:
            self.files[sha256] = judged.fate
        return judged.fate

    def pay(self, turn: Responsibility, *answers: Answer, **changes: Any) -> Fate:
        """A payer sends a payment, which is kept and taken in."""
        payer = SECOND if turn is Responsibility.SECONDARY else {}
        content = file_of(pays(*answers, **payer, **changes))
        return self.take_in(self.stage.office.store.put(content))

    def claims(self) -> list[Claim]:
        """Those that payers have received."""
        if len(self.stage.office.clearinghouse.received) > self.seen:
            self.seen = len(self.stage.office.clearinghouse.received)
            self.sent = self.stage.office.received()
        return [one for one in self.stage.office.claims() if one.control_number in self.sent]

    seen = 0

    def decision(self, claim: Claim, parts: tuple[Parts, Parts]) -> Answer:
        """What a payer says of a claim: the first of the whole charge, the second of what is left."""
        lines = self.sent[claim.control_number].lines
        if claim.responsibility is Responsibility.PRIMARY:
            decided = [split(line.charge_cents, part) for line, part in zip(lines, parts, strict=True)]
        else:
            owed = [max(0, cents) for cents in self.owed(claim)]
            decided = [
                {"OA-23": line.charge_cents - left, **split(left, part)}
                for line, left, part in zip(lines, owed, parts, strict=True)
            ]
        status = "1" if claim.responsibility is Responsibility.PRIMARY else "2"
        return answer(self.sent[claim.control_number], *decided, status=status)

    def owed(self, claim: Claim) -> list[int]:
        """What insurers still owe about each charge of the claim."""
        with self.stage.database.reading() as db:
            charges = db.scalars(
                sa.select(Charge.id).where(Charge.session_id == claim.session_id).order_by(Charge.position)
            ).all()
        found = booked(self.stage)
        return [found.get((one, "insurance"), 0) for one in charges]

    @initialize()
    def both_come(self) -> None:
        self.somebody_comes(0)
        self.somebody_comes(25_00)

    @precondition(lambda self: self.visits < MOST_VISITS)
    @rule(paid=st.sampled_from([0, 25_00, 200_00]))
    def somebody_comes(self, paid: int) -> None:
        self.do(visit(self.visits, paid))
        self.visits += 1

    @rule(number=_any, parts=_both)
    def a_payer_decides(self, number: int, parts: tuple[Parts, Parts]) -> None:
        claims = self.claims()
        waiting = [one for one in claims if one.state is ClaimState.SENT] or claims
        claim = waiting[number % len(waiting)]
        made = self.decision(claim, parts)
        if self.pay(claim.responsibility, made) is POSTED:
            self.said.append((claim.responsibility, made))

    @rule(picked=st.lists(st.tuples(_any, _both), min_size=1, max_size=3), withheld=_withheld)
    def the_first_payer_decides_much(
        self, picked: list[tuple[int, tuple[Parts, Parts]]], withheld: list[tuple[str, int]]
    ) -> None:
        turn = Responsibility.PRIMARY
        claims = [one for one in self.claims() if one.responsibility is turn]
        made = [self.decision(claims[number % len(claims)], parts) for number, parts in picked]
        if self.pay(turn, *made, provider_adjustments=tuple(withheld)) is POSTED:
            self.said += [(turn, one) for one in made]

    @precondition(lambda self: self.said)
    @rule(number=_any, parts=st.none() | _both)
    def a_payer_takes_back(self, number: int, parts: tuple[Parts, Parts] | None) -> None:
        turn, made = self.said[-1 - number % len(self.said)]
        (claim,) = [one for one in self.claims() if one.control_number == made.control_number]
        correction = [self.decision(claim, parts)] if parts else []
        if self.pay(turn, *correction, reversal(made)) is POSTED:
            self.said += [(turn, one) for one in correction]

    @rule(number=_any, parts=_parts, cents=st.sampled_from([-1, 1]))
    def a_payment_is_off_by_a_cent(self, number: int, parts: Parts, cents: int) -> None:
        claims = self.claims()
        claim = claims[number % len(claims)]
        made = self.decision(claim, (parts, parts))
        before = self.stage.balances()

        fate = self.pay(claim.responsibility, made, paid_cents=made.paid_cents + cents)

        assert (fate, self.stage.balances()) == (QUEUED, before)

    @precondition(lambda self: self.files)
    @rule(number=_any)
    def a_file_comes_again(self, number: int) -> None:
        sha256 = list(self.files)[number % len(self.files)]
        was, before = self.files[sha256], self.stage.balances()

        fate = self.take_in(sha256)

        assert fate is not QUEUED
        if was is POSTED:
            assert (fate, self.stage.balances()) == (REPEATED, before)

    @precondition(lambda self: self.said)
    @rule(number=_any, parts=_both)
    def the_next_payer_decides(self, number: int, parts: tuple[Parts, Parts]) -> None:
        self.do(lambda stage: bill_further(stage.office))
        turn = Responsibility.SECONDARY
        claims = [one for one in self.claims() if one.responsibility is turn]
        if claims:
            made = self.decision(claims[number % len(claims)], parts)
            if self.pay(turn, made) is POSTED:
                self.said.append((turn, made))

    @rule(patient=st.integers(0, 1), cents=_cents, number=st.none() | _any)
    def a_patient_pays(self, patient: int, cents: int, number: int | None) -> None:
        with self.stage.database.reading() as db:
            own = self.stage.patients[patient].id
            charges = db.scalars(
                sa.select(Charge.id)
                .join(ClinicSession, ClinicSession.id == Charge.session_id)
                .where(ClinicSession.patient_id == own)
            ).all()
        self.do(desk(patient, cents, None if number is None else charges[number % len(charges)]))

    @rule(number=_any, cents=_cents)
    def a_patient_is_given_money_back(self, number: int, cents: int) -> None:
        with self.stage.database.reading() as db:
            payments = db.scalars(sa.select(PatientsPayment.id).order_by(PatientsPayment.id)).all()
        if payments:
            self.do(give_back(payments[number % len(payments)], cents, f"refund {len(self.done)}"))

    @invariant()
    def every_entry_adds_up_and_every_deposit_is_spent(self) -> None:
        found = self.stage.balances()
        with self.stage.database.reading() as db:
            assert unbalanced_entries(db) == []
        assert sum(found.values()) == 0
        deposits: Counter[str] = Counter()
        for name, cents in found.items():
            if name.startswith("deposit:"):
                deposits[":".join(name.split(":")[:2])] += cents
        assert not any(deposits.values())

    @invariant()
    def the_books_say_what_stands_decided(self) -> None:
        found = booked(self.stage)
        for charge_id, decided in standing_decisions(self.stage).items():
            parts = {kind: found.get((charge_id, kind), 0) for kind in ("deposit", "patient", "insurance")}
            assert parts["deposit"] == decided.paid_cents
            assert 0 <= parts["patient"] <= decided.patient_cents
            if not decided.has_two_insurers:
                assert parts["patient"] == decided.patient_cents
                assert parts["insurance"] == decided.refused_cents

    @invariant()
    def money_is_put_to_what_it_pays_for(self) -> None:
        with self.stage.database.reading() as db:
            found = accounts(db, [one.id for one in self.stage.patients])
        assert [one.differences for one in found.values()] == [{}, {}]

    def teardown(self) -> None:
        """What was kept and what was done by hand, once more in a clinic that knows nothing."""
        fresh = on_stage(self.template, self.folder)
        try:
            for act in self.done:
                act(fresh)
            assert fresh.balances() == self.stage.balances()
            assert standing_decisions(fresh) == standing_decisions(self.stage)
        finally:
            fresh.database.close()
            self.stage.database.close()


def test_whatever_happens_the_books_add_up_and_can_be_made_again(_sqlite_template: Path, tmp_path: Path) -> None:
    run_state_machine_as_test(
        lambda: TheBooks(_sqlite_template, tmp_path),
        settings=settings(max_examples=12, stateful_step_count=20, deadline=None),
    )
