"""Each law and each import contract refuses a program that breaks it, or it would only seem to hold."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import laws
from tests.architecture.contracts import contracts, report_on
from tests.architecture.tree import ROOT, Tree, layers, the_tree

CRIMES: list[tuple[laws.Law, str, str]] = [
    (laws.one_commit, "billing/claims/wrong.py", "def file(db):\n    db.commit()\n"),
    (laws.one_commit, "billing/claims/wrong.py", "def file(db):\n    db.rollback()\n"),
    (laws.one_commit, "workers/wrong.py", "with database.engine.begin() as connection:\n    pass\n"),
    (
        laws.transactions_are_opened_at_the_entry_points,
        "billing/operations/wrong.py",
        "def run(database):\n    with database.transaction() as db:\n        pass\n",
    ),
    (
        laws.transactions_are_opened_at_the_entry_points,
        "workers/wrong.py",
        "with wiring.database().reading() as db:\n    pass\n",
    ),
    (laws.imports_stand_at_the_top, "billing/patients/wrong.py", "def name():\n    from billing import claims\n"),
    (laws.imports_stand_at_the_top, "billing/wiring.py", "def name():\n    from billing.claims import filing\n"),
    (laws.imports_stand_at_the_top, "billing/operations/schema.py", "def name():\n    import alembic\n"),
    (laws.files_are_named_after_the_trade, "billing/claims/helpers.py", ""),
    (laws.files_are_named_after_the_trade, "billing/common/money.py", ""),
    (laws.packages_only_introduce_themselves, "billing/claims/__init__.py", '"""Claims."""\nfrom x import y\n'),
    (laws.packages_only_introduce_themselves, "billing/claims/__init__.py", ""),
    (laws.modules_are_read_in_one_sitting, "billing/claims/wrong.py", "x = 1\n" * 301),
    (laws.functions_are_read_in_one_breath, "billing/claims/wrong.py", "def long():\n" + "    x = 1\n" * 60),
    (laws.money_is_never_a_float, "billing/ledger/wrong.py", "FEE = 1.5\n"),
    (laws.money_is_never_a_float, "billing/charges/wrong.py", "fee = float(text)\n"),
    (laws.money_is_never_a_float, "billing/payments/wrong.py", "share = round(amount / 3)\n"),
    (laws.only_the_clock_knows_the_time, "billing/claims/wrong.py", "at = datetime.now(UTC)\n"),
    (laws.only_the_clock_knows_the_time, "billing/claims/wrong.py", "at = datetime.datetime.utcnow()\n"),
    (laws.only_the_clock_knows_the_time, "billing/claims/wrong.py", "default_factory(date.today)\n"),
    (laws.only_the_clock_knows_the_time, "workers/wrong.py", "at = time.time()\n"),
    (laws.only_the_clock_knows_the_time, "billing/claims/wrong.py", "default=sa.func.now()\n"),
    (laws.tasks_carry_nothing, "workers/wrong.py", "@app.task\ndef send(claim_id):\n    pass\n"),
    (laws.tasks_carry_nothing, "workers/wrong.py", "@app.task(name='x')\ndef send(*, patient=None):\n    pass\n"),
    (
        laws.no_transaction_is_open_while_the_world_is_called,
        "billing/claims/wrong.py",
        "def file(db: Db, clearinghouse: Clearinghouse): ...\n",
    ),
    (
        laws.no_transaction_is_open_while_the_world_is_called,
        "billing/invoices/wrong.py",
        "def keep(db: Db, *, store: ports.DocumentStore | None): ...\n",
    ),
    (laws.only_adapters_open_connections, "billing/claims/wrong.py", "import urllib.request\n"),
    (laws.only_adapters_open_connections, "billing/claims/wrong.py", "from http import client\n"),
    (laws.tests_use_real_fakes, "tests/wrong.py", "from unittest.mock import patch\n"),
    (laws.tests_use_real_fakes, "tests/wrong.py", "from unittest import mock\n"),
    (laws.tests_use_real_fakes, "tests/wrong.py", "monkeypatch.setattr('billing.clock.now', lambda: 1)\n"),
    (laws.tests_neither_sleep_nor_skip, "tests/wrong.py", "time.sleep(1)\n"),
    (laws.tests_neither_sleep_nor_skip, "tests/wrong.py", "@pytest.mark.skipif(True)\ndef test(): ...\n"),
]

IMPORTS: list[tuple[str, str, str]] = [
    ("layers", "billing/patients/wrong.py", "from billing.practitioners import models"),
    ("layers", "billing/errors.py", "from billing import clock"),
    ("layers", "billing/operations/wrong.py", "from workers import app"),
    ("claims", "billing/claims/content/wrong.py", "from billing.claims.filing import sending"),
    ("adapters", "billing/adapters/wrong.py", "from billing.claims import models"),
    ("adapters", "billing/adapters/wrong.py", "import sqlalchemy"),
    ("print-and-edi", "billing/edi/wrong.py", "from billing import settings"),
    ("print-and-edi", "billing/pdf/wrong.py", "import sqlalchemy.orm"),
    ("flask", "billing/charges/wrong.py", "from flask import request"),
    ("flask", "workers/wrong.py", "from werkzeug.exceptions import NotFound"),
    ("network", "billing/coverage/wrong.py", "import socket"),
    ("network", "billing/claims/wrong.py", "from smtplib import SMTP"),
    ("celery", "billing/sessions/wrong.py", "from celery import shared_task"),
    ("celery", "billing/adapters/wrong.py", "import redis"),
    ("click", "billing/clinic/wrong.py", "import click"),
    ("reportlab", "billing/payers/wrong.py", "from reportlab.pdfgen import canvas"),
]


@pytest.mark.parametrize(("law", "path", "crime"), CRIMES, ids=lambda value: getattr(value, "__name__", None))
def test_the_law_names_the_file_that_breaks_it(law: laws.Law, path: str, crime: str) -> None:
    ports = tuple(module for module in the_tree().modules if module.is_in("billing/ports.py"))

    found = law(Tree(ports).with_file(path, crime))

    assert found
    assert all(violation.startswith(path) for violation in found)


def test_every_law_has_been_broken_here() -> None:
    broken = {law for law, _, _ in CRIMES}

    assert broken == set(laws.LAWS)


@pytest.fixture(scope="module")
def copied_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout to spoil."""
    checkout = tmp_path_factory.mktemp("spoilt")
    for room in ("billing", "workers"):
        shutil.copytree(ROOT / room, checkout / room, ignore=_all_but_python)
    shutil.copyfile(ROOT / "pyproject.toml", checkout / "pyproject.toml")
    return checkout


@pytest.mark.parametrize(("contract", "path", "crime"), IMPORTS)
def test_the_import_contract_names_the_module_that_breaks_it(
    contract: str, path: str, crime: str, copied_program: Path
) -> None:
    with spoilt(copied_program / path, crime):
        report = report_on(copied_program)

    assert report.broken == [contracts()[contract]]
    assert path.removesuffix(".py").replace("/", ".") in report.text.partition("Broken contracts")[2]


def test_every_import_contract_has_been_broken_here() -> None:
    assert {contract for contract, _, _ in IMPORTS} == set(contracts())


def test_no_room_may_import_the_room_above_it(copied_program: Path) -> None:
    rooms = [next((room for room in layer if _is_package(room)), None) for layer in layers()]
    stacked = [room for room in rooms if room is not None]
    steps = list(itertools.pairwise(stacked))

    with contextlib.ExitStack() as crimes:
        for upper, lower in steps:
            path = copied_program / lower.replace(".", "/") / "wrong.py"
            crimes.enter_context(spoilt(path, f"import {upper}"))
        report = report_on(copied_program)

    assert len(steps) > 10
    assert [step for step in steps if f"{step[1]} is not allowed to import {step[0]}" not in report.text] == []


@contextlib.contextmanager
def spoilt(path: Path, crime: str) -> Iterator[None]:
    """The file with that line at its end, for a while."""
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text((before or "") + crime + "\n", encoding="utf-8")
    yield
    if before is None:
        path.unlink()
    else:
        path.write_text(before, encoding="utf-8")


def _is_package(room: str) -> bool:
    return (ROOT / room.replace(".", "/") / "__init__.py").exists()


def _all_but_python(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".py") and not Path(folder, name).is_dir()]
