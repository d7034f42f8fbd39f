"""Rows of several tables come in one answer, each once."""

from __future__ import annotations

from billing.database import Database
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.models import Practitioner
from billing.sessions.together import rows_together
from tests.factories import make_patient, make_payer, make_practitioner
from tests.sessions.test_facts import questions


def test_each_row_comes_once_under_its_own_table_in_order(database: Database) -> None:
    with database.transaction() as db:
        patients = [make_patient(db) for _ in range(3)]
        payers = [make_payer(db) for _ in range(2)]
        make_practitioner(db)

    with questions(database) as asked, database.reading() as db:
        found = rows_together(
            db, {Payer: (), Patient: (Patient.id != patients[1].id,), Practitioner: (Practitioner.id < 0,)}
        )

        assert [one.id for one in found[Payer]] == [one.id for one in payers]
        assert [one.id for one in found[Patient]] == [patients[0].id, patients[2].id]
        assert found[Practitioner] == []
    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) == 1
