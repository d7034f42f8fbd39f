"""A file handed over by SFTP is at the far end whole and once, or it is known that it is not, or it is not known."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import asyncssh
import pytest

from billing.adapters.clearinghouse_sftp import LONGEST_SECONDS, SftpClearinghouse
from billing.claims.filing.sending import LEASE
from billing.errors import NotDelivered, OutcomeUnknown, Refused
from tests.sftp_server import SftpOnStage, known_hosts_line, running_sftp

NAME = "20260331-000000001.837"
CONTENT = b"ISA*00*OKORO*" + b"x" * 100_000


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[SftpOnStage]:
    with running_sftp(tmp_path / "far") as running:
        yield running


@pytest.fixture
def clearinghouse(stage: SftpOnStage) -> SftpClearinghouse:
    return SftpClearinghouse(stage.server(), "claims")


def refused(clearinghouse: SftpClearinghouse, content: bytes = CONTENT) -> str:
    """Why the file certainly did not arrive."""
    with pytest.raises(NotDelivered) as failure:
        clearinghouse.submit(NAME, content)
    return str(failure.value)


def unknown(clearinghouse: SftpClearinghouse) -> str:
    """Why nobody knows whether it did."""
    with pytest.raises(OutcomeUnknown) as failure:
        clearinghouse.submit(NAME, CONTENT)
    return str(failure.value)


def test_a_file_lies_there_whole_under_its_name_and_nothing_else_does(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse
) -> None:
    clearinghouse.submit(NAME, CONTENT)

    assert stage.there() == {NAME: CONTENT}
    assert stage.passing() == []


def test_the_same_file_again_is_not_uploaded_again(stage: SftpOnStage, clearinghouse: SftpClearinghouse) -> None:
    clearinghouse.submit(NAME, CONTENT)

    clearinghouse.submit(NAME, CONTENT)

    assert (stage.there(), stage.uploads) == ({NAME: CONTENT}, 1)


@pytest.mark.parametrize("other", [b"short", CONTENT[:-1] + b"y"])
def test_a_file_of_that_name_with_other_content_is_never_overwritten(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse, other: bytes
) -> None:
    (stage.folder / "claims" / NAME).write_bytes(other)

    why = refused(clearinghouse)

    assert NAME in why
    assert "OKORO" not in why
    assert stage.there() == {NAME: other}


def test_a_key_opens_the_door_as_well_as_a_password(tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    private, public = key.export_private_key().decode(), key.export_public_key().decode()

    with running_sftp(tmp_path / "far", public) as stage:
        SftpClearinghouse(stage.server(password="", key=private.strip()), "/claims/").submit(NAME, CONTENT)
        there = stage.there()

    assert there == {NAME: CONTENT}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nnothing\n-----END OPENSSH PRIVATE KEY-----", "no private key"),
        ("passphrase", "passphrase"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_in_words(stage: SftpOnStage, key: str, words: str) -> None:
    if key == "passphrase":
        made = asyncssh.generate_private_key("ssh-ed25519")
        key = made.export_private_key(passphrase="hush").decode()

    with pytest.raises(Refused, match=words):
        SftpClearinghouse(stage.server(password="", key=key), "claims").submit(NAME, CONTENT)

    assert stage.logins == 0


def test_a_refused_login_has_delivered_nothing(stage: SftpOnStage, clearinghouse: SftpClearinghouse) -> None:
    stage.faults.refuses_login = True

    why = refused(clearinghouse)

    assert "MERIDIAN_SFTP_USER" in why
    assert "correct horse" not in why
    assert stage.there() == {}


def test_another_server_than_the_known_one_gets_neither_password_nor_file(stage: SftpOnStage) -> None:
    another = known_hosts_line(stage.port, asyncssh.generate_private_key("ssh-ed25519"))

    why = refused(SftpClearinghouse(stage.server(known_hosts=another), "claims"))

    assert "another host key" in why
    assert (stage.there(), stage.logins) == ({}, 0)


def test_a_server_that_stands_nowhere_among_the_known_ones_is_refused(stage: SftpOnStage) -> None:
    elsewhere = stage.known_hosts.replace("127.0.0.1", "sftp.example.org")

    why = refused(SftpClearinghouse(stage.server(known_hosts=elsewhere), "claims"))

    assert "not among the known hosts" in why
    assert stage.logins == 0


@pytest.mark.parametrize("known_hosts", ["", "# only a comment", "127.0.0.1 ssh-ed25519 nonsense", "@revoked a b c"])
def test_without_a_host_key_no_server_is_trusted(stage: SftpOnStage, known_hosts: str) -> None:
    with pytest.raises(Refused, match="MERIDIAN_SFTP_KNOWN_HOSTS"):
        SftpClearinghouse(stage.server(known_hosts=known_hosts), "claims").submit(NAME, CONTENT)

    assert stage.logins == 0


def test_a_server_that_is_not_there_has_received_nothing(tmp_path: Path) -> None:
    with running_sftp(tmp_path / "far") as stage:
        gone = stage.server()

    assert "cannot be reached" in refused(SftpClearinghouse(gone, "claims"))


def test_a_missing_folder_is_told_before_anything_is_sent(stage: SftpOnStage) -> None:
    clearinghouse = SftpClearinghouse(stage.server(), "nowhere")

    with pytest.raises(NotDelivered, match="nowhere, cannot be used: there is no such file or folder"):
        clearinghouse.check()
    assert "no such file or folder" in refused(clearinghouse)


def test_a_server_at_which_all_is_well_passes_the_check(stage: SftpOnStage, clearinghouse: SftpClearinghouse) -> None:
    clearinghouse.check()

    assert stage.logins == 1


def test_a_line_cut_during_the_upload_leaves_nothing_under_the_final_name(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse
) -> None:
    stage.faults.cuts_upload_after = 50_000

    why = refused(clearinghouse)
    before = stage.there()
    stage.faults.cuts_upload_after = None
    clearinghouse.submit(NAME, CONTENT)

    assert "tried again" in why
    assert before == {}
    assert stage.there() == {NAME: CONTENT}


def test_a_full_disk_leaves_nothing_behind_at_all(stage: SftpOnStage, clearinghouse: SftpClearinghouse) -> None:
    stage.faults.full_after = 40_000

    refused(clearinghouse)
    before = (stage.there(), stage.passing())
    stage.faults.full_after = None
    clearinghouse.submit(NAME, CONTENT)

    assert before == ({}, [])
    assert stage.there() == {NAME: CONTENT}


def test_a_server_that_falls_asleep_is_given_up(stage: SftpOnStage) -> None:
    stage.faults.seconds_for_a_write = 1.5

    why = refused(SftpClearinghouse(stage.server(seconds=0.5), "claims"))

    assert "did not answer in time" in why
    assert stage.there() == {}


def test_a_file_that_drips_is_given_up_long_before_it_is_taken_for_lost(stage: SftpOnStage) -> None:
    minutes = count(0, 60)
    clearinghouse = SftpClearinghouse(stage.server(), "claims", lambda: float(next(minutes)))

    why = refused(clearinghouse, b"x" * 1_000_000)

    assert "did not answer in time" in why
    assert (stage.there(), stage.passing()) == ({}, [])
    assert LEASE.total_seconds() > LONGEST_SECONDS * 2


def test_a_line_cut_before_the_rename_is_found_not_to_have_delivered(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse
) -> None:
    stage.faults.cuts_before_rename = True

    why = refused(clearinghouse)
    before = (stage.there(), stage.passing())
    clearinghouse.submit(NAME, CONTENT)

    assert "tried again" in why
    assert before == ({}, [])
    assert stage.there() == {NAME: CONTENT}


def test_a_line_cut_after_the_rename_is_found_to_have_delivered(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse
) -> None:
    stage.faults.cuts_after_rename = True

    clearinghouse.submit(NAME, CONTENT)

    assert (stage.there(), stage.uploads) == ({NAME: CONTENT}, 1)


@pytest.mark.parametrize("fault", ["cuts_before_rename", "cuts_after_rename"])
def test_when_nobody_can_look_after_the_cut_the_outcome_is_unknown(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse, fault: str
) -> None:
    setattr(stage.faults, fault, True)
    stage.faults.answers_no_more = True

    why = unknown(clearinghouse)

    assert "last step" in why
    assert list(stage.there()) == ([NAME] if fault == "cuts_after_rename" else [])


def test_what_was_taken_on_before_anybody_could_look_is_unknown(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse
) -> None:
    stage.faults.takes_on = stage.faults.cuts_after_rename = True

    why = unknown(clearinghouse)

    assert "taken on already" in why
    assert stage.taken_on == {NAME: [CONTENT]}


def test_a_rename_that_is_refused_has_delivered_nothing(stage: SftpOnStage, clearinghouse: SftpClearinghouse) -> None:
    stage.faults.refuses_rename = True

    refused(clearinghouse)

    assert (stage.there(), stage.passing()) == ({}, [])


def test_a_server_without_posix_rename_is_asked_by_the_standard_way(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse
) -> None:
    stage.faults.knows_no_posix_rename = True

    clearinghouse.submit(NAME, CONTENT)

    assert stage.there() == {NAME: CONTENT}


def test_nothing_is_logged_of_what_is_sent_or_of_what_fails(
    stage: SftpOnStage, clearinghouse: SftpClearinghouse, caplog: pytest.LogCaptureFixture
) -> None:
    stage.faults.cuts_upload_after = 50_000

    with caplog.at_level(logging.DEBUG):
        refused(clearinghouse)

    ours = [one for one in caplog.records if not one.name.startswith("asyncssh") and one.name != "asyncio"]
    assert [one.getMessage() for one in ours] == []


def test_no_secret_is_shown_where_the_server_is_named(stage: SftpOnStage) -> None:
    server = stage.server(key="PRIVATE")

    assert "correct horse" not in repr(server)
    assert "PRIVATE" not in repr(server)
    assert server.name == f"sftp://clinic@127.0.0.1:{stage.port}"
