"""An account signs for one practitioner, whoever gives it to whom at the same time."""

from __future__ import annotations

from threading import Barrier, Thread

from billing.database import Database
from billing.errors import Refused
from billing.practitioners.accounts import link_account, practitioner_of_user
from tests.access.cast import make_cast
from tests.factories import make_practitioner


def test_two_owners_who_give_one_account_to_two_practitioners_at_once_give_it_to_one(database: Database) -> None:
    ben = make_cast(database).ben
    with database.transaction() as db:
        practitioners = [make_practitioner(db).id for _ in range(2)]
    at_once, outcomes = Barrier(2), []

    def give(practitioner_id: int) -> None:
        at_once.wait(10)
        try:
            with database.transaction() as db:
                link_account(db, practitioner_id, ben.id)
            outcomes.append("linked")
        except Refused as refused:
            outcomes.append(refused.problems[0].rule)

    owners = [Thread(target=give, args=(one,)) for one in practitioners]
    for owner in owners:
        owner.start()
    for owner in owners:
        owner.join(20)

    assert sorted(outcomes) == ["account.taken", "linked"]
    with database.reading() as db:
        linked = practitioner_of_user(db, ben.id)
    assert linked is not None
    assert linked.id in practitioners
