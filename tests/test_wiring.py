"""Where the program looks for what comes in, and the ways out that it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from billing.adapters.clearinghouse_sftp import SftpClearinghouse
from billing.adapters.mail_smtp import SmtpMailer
from billing.adapters.sms_http import HttpTexts
from billing.ports import MailContent
from billing.settings import settings_from
from billing.wiring import Program

SFTP = {
    "MERIDIAN_CLEARINGHOUSE": "sftp",
    "MERIDIAN_SFTP_HOST": "sftp.example.org",
    "MERIDIAN_SFTP_USER": "clinic",
    "MERIDIAN_SFTP_PASSWORD": "hush",
    "MERIDIAN_SFTP_KNOWN_HOSTS": "sftp.example.org ssh-ed25519 AAAA",
    "MERIDIAN_SFTP_ANSWERS": "/out/answers/",
}


@pytest.mark.parametrize(
    ("settings", "inbox"),
    [
        ({}, "data/inbox"),
        ({"MERIDIAN_CLEARINGHOUSE": "sandbox"}, "data/outbox/answers"),
        ({"MERIDIAN_CLEARINGHOUSE": "sandbox", "MERIDIAN_INBOX": "/srv/sftp/in"}, "/srv/sftp/in"),
        ({**SFTP, "MERIDIAN_INBOX": "/srv/sftp/in"}, "/srv/sftp/in"),
    ],
)
def test_the_inbox_is_where_answers_arrive(tmp_path: Path, settings: dict[str, str], inbox: str) -> None:
    program = Program(settings_from({"MERIDIAN_DATA": str(tmp_path / "data"), **settings}))

    assert program.inbox.place == str(tmp_path / inbox)
    program.database.close()


def test_messages_are_files_until_a_way_out_is_set_up(tmp_path: Path) -> None:
    program = Program(settings_from({"MERIDIAN_DATA": str(tmp_path / "data")}))

    program.mailer.send("message:1", MailContent("anna@example.org", "Your visit", "Hello", "<p>Hello</p>"))
    program.texts.send("message:2", "+15035550101", "Hello")

    made = [path.relative_to(tmp_path).as_posix() for path in sorted((tmp_path / "data" / "outbox").rglob("*.*"))]
    assert made == ["data/outbox/mail/message-1.eml", "data/outbox/texts/message-2.txt"]
    assert program.mailer.may_repeat
    program.database.close()


def test_the_ways_out_are_as_the_settings_say(tmp_path: Path) -> None:
    settings = {
        "MERIDIAN_MAIL": "smtp",
        "MERIDIAN_MAIL_HOST": "mail.example.org",
        "MERIDIAN_MAIL_FROM": "Juniper Lane <desk@example.org>",
        "MERIDIAN_TEXTS": "http",
        "MERIDIAN_TEXTS_URL": "https://texts.example.org/v1/",
        "MERIDIAN_TEXTS_TOKEN": "hush",
        "MERIDIAN_TEXTS_FROM": "+15035550199",
    }
    program = Program(settings_from({"MERIDIAN_DATA": str(tmp_path), **settings}))

    mailer, texts = program.mailer, program.texts

    assert isinstance(mailer, SmtpMailer)
    assert (mailer.server.host, mailer.server.port, mailer.server.security) == ("mail.example.org", 587, "starttls")
    assert str(mailer.sender) == "Juniper Lane <desk@example.org>"
    assert isinstance(texts, HttpTexts)
    assert texts.gateway.address == "https://texts.example.org/v1"
    assert program.mailer is mailer
    program.database.close()


def test_claims_and_answers_go_over_the_clearinghouses_own_server(tmp_path: Path) -> None:
    program = Program(settings_from({"MERIDIAN_DATA": str(tmp_path), **SFTP}))

    house = program.clearinghouse(tmp_path / "out" / "claims")

    assert isinstance(house, SftpClearinghouse)
    assert (house.folder, house.server.name) == ("claims", "sftp://clinic@sftp.example.org")
    assert program.inbox.place == "sftp://clinic@sftp.example.org/out/answers"
    assert list(program.ways_to_the_clearinghouse) == ["claims", "answers and payments"]
    program.database.close()


_TELL_WHAT_IS_LOADED = """
import json, sys
from billing.operations.schema import upgrade
from billing.wiring import program_of_this_process
import {module}
program = program_of_this_process()
program.means, program.mailer, program.texts, program.links
print(json.dumps(sorted({libraries} & sys.modules.keys())))
"""
_LARGE = {"aiosmtpd", "alembic", "asyncssh", "httpx", "mako", "paramiko", "rich", "urllib3"}


@pytest.mark.parametrize("module", ["billing.cli.main, billing.web.app", "workers.embedded, workers.tasks"])
def test_a_program_that_works_with_folders_holds_no_library_for_servers(tmp_path: Path, module: str) -> None:
    settings = {"MERIDIAN_DATA": str(tmp_path)}
    subprocess.run(
        _python("import billing.wiring as it; it.program_of_this_process()"), env=_with(settings), check=True
    )

    loaded = subprocess.run(
        _python(_TELL_WHAT_IS_LOADED.format(module=module, libraries=_LARGE)), env=_with(settings), check=True,
        capture_output=True, text=True,
    )  # fmt: skip

    assert json.loads(loaded.stdout) == []


def _python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def _with(settings: dict[str, str]) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MERIDIAN_")}
    return plain | settings
