"""However many take in payments at once, each payment is in the books once and no claim is paid twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa

from billing import clock
from billing.database import Database
from billing.edi.remittance_835.reader import read_835
from billing.operations.remitting import keep_file
from billing.payments.account import Account
from billing.payments.models import PaymentMethod
from billing.payments.queries import account_of
from billing.payments.taking import take_payment
from billing.remittances.incoming import Fate, IncomingPayment, Judged
from billing.remittances.posting import post_payment
from tests.claims.office import Office, open_office
from tests.factories import DAY
from tests.remittances.books import (
    PAID_AT,
    POSTED,
    QUEUED,
    REPEATED,
    adjudications,
    balances,
    filed,
    kinds,
    remit,
    remittances,
)
from tests.remittances.payer import PAID_ON, Payment, answer, file_of, pays, reversal

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
FULL = ({}, {})

Done = TypeVar("Done")


def at_once(*acts: Callable[[], Done]) -> list[Done]:
    """What each gives back when all of them begin together."""
    together = threading.Barrier(len(acts))

    def begin(act: Callable[[], Done]) -> Done:
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def taken_in_at_once(office: Office, *files: bytes) -> list[Fate]:
    """What becomes of one payment each of some files, in alphabetical order."""
    judged = at_once(*(lambda content=content: remit(office, content) for content in files))
    return sorted(one.fate for (one,) in judged)


def account(office: Office) -> Account:
    with office.database.reading() as db:
        return account_of(db, office.scene.patient.id)


@contextmanager
def under_way(office: Office, payment: Payment, *, fails: bool = False) -> Iterator[None]:
    """Another process has posted the payment and is about to commit; or, when it ``fails``, to give up."""
    kept = keep_file(office.database, office.store, "other.835", file_of(payment))
    incoming = IncomingPayment(next(read_835(kept.content, [])), kept.file_id, 1)
    with office.database.transaction() as db:
        post_payment(db, incoming, PAID_AT)
        yield
        if fails:
            db.rollback()


def while_another_posts(office: Office, first: Payment, second: Payment, *, fails: bool = False) -> Judged:
    """What becomes of a payment that comes while another is not committed yet."""
    with ThreadPoolExecutor(1) as pool:
        with under_way(office, first, fails=fails):
            judged = pool.submit(remit, office, second)
            _until_it_waits(office.database, judged.done)
        (one,) = judged.result()
    return one


def _until_it_waits(database: Database, is_done: Callable[[], bool]) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with database.engine.connect() as connection:
        while not is_done() and not connection.scalar(waiting):
            connection.rollback()


def test_the_same_payment_taken_in_twice_at_once_is_posted_once(office: Office) -> None:
    payment = pays(answer(filed(office), *COPAY))
    files = [file_of(payment, interchange=number) for number in (1, 2, 1, 2)]

    assert taken_in_at_once(office, *files) == [POSTED, REPEATED, REPEATED, REPEATED]
    assert balances(office)["money:transfer"] == 115_00
    assert len(remittances(office)) == len(adjudications(office)) == 1


def test_of_two_payments_for_one_claim_at_once_the_second_waits_for_a_person(office: Office) -> None:
    claim = filed(office)
    files = [file_of(pays(answer(claim, *decided))) for decided in (COPAY, FULL)]

    assert taken_in_at_once(office, *files) == [POSTED, QUEUED]
    assert kinds(office).get("insurance", 0) == 0
    assert [one.reversed_at for one in adjudications(office)] == [None]


def test_payments_for_different_claims_of_one_patient_at_once_are_all_posted(office: Office) -> None:
    claims = [filed(office, DAY + timedelta(days=7 * week)) for week in range(3)]
    files = [file_of(pays(answer(claim, *COPAY))) for claim in claims]

    assert taken_in_at_once(office, *files) == [POSTED] * 3
    assert kinds(office)["patient"] == 75_00


def test_a_file_without_a_payment_that_comes_twice_at_once_is_remembered_once(office: Office) -> None:
    assert taken_in_at_once(office, b"a letter", b"a letter") == [QUEUED, REPEATED]
    assert len(remittances(office)) == 1


def test_money_taken_at_the_desk_while_a_payment_is_posted_pays_what_that_leaves(office: Office) -> None:
    made = pays(answer(filed(office), *COPAY))
    patient_id = office.scene.patient.id

    def pay_at_the_desk() -> None:
        with clock.stopped_at(PAID_AT), office.database.transaction() as db:
            take_payment(db, patient_id, 25_00, PaymentMethod.CASH, PAID_ON, at=PAID_AT)

    at_once(lambda: remit(office, made), pay_at_the_desk)

    assert kinds(office).get("patient", 0) == 0
    assert account(office).differences == {}


def test_who_comes_while_the_same_payment_is_posted_waits_and_repeats_nothing(postgresql_database: Database) -> None:
    office = open_office(postgresql_database)
    payment = pays(answer(filed(office), *COPAY))

    judged = while_another_posts(office, payment, payment)

    assert (judged.fate, judged.waits) == (REPEATED, False)
    assert kinds(office)["money:transfer"] == 115_00


def test_who_comes_while_the_same_payment_fails_posts_it(postgresql_database: Database) -> None:
    office = open_office(postgresql_database)
    payment = pays(answer(filed(office), *COPAY))

    judged = while_another_posts(office, payment, payment, fails=True)

    assert judged.fate is POSTED
    assert kinds(office)["money:transfer"] == 115_00


def test_who_comes_while_the_claim_is_paid_sees_that_it_is_paid(postgresql_database: Database) -> None:
    office = open_office(postgresql_database)
    claim = filed(office)

    judged = while_another_posts(office, pays(answer(claim, *COPAY)), pays(answer(claim, *FULL)))

    assert judged.why.endswith("it would be paid twice")
    assert kinds(office)["money:transfer"] == 115_00


def test_who_takes_back_while_the_decision_is_made_takes_it_back(postgresql_database: Database) -> None:
    office = open_office(postgresql_database)
    claim = filed(office)
    made = answer(claim, *COPAY)

    judged = while_another_posts(office, pays(made), pays(reversal(made), answer(claim, *FULL)))

    assert judged.fate is POSTED
    assert kinds(office) == {"money:transfer": 165_00, "income:services": -165_00}
