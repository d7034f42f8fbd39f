"""The rounds of the workers, and how they are set up."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.operations.rounds import ROUNDS, Queue, queue_of
from billing.settings import settings_from
from workers.installation import celery_for
from workers.schedule import Rounds, beat_schedule
from workers.tasks import RoundFailed, told_without_contents


def test_the_rounds_and_the_tasks_are_the_same(tmp_path: Path) -> None:
    app = celery_for(settings_from({"MERIDIAN_DATA": str(tmp_path)}))
    app.loader.import_default_modules()

    tasks = {name for name in app.tasks if not name.startswith("celery.")}

    assert tasks == {each.task for each in ROUNDS}


def test_the_beat_rings_without_saying_anything() -> None:
    assert [entry for entry in beat_schedule().values() if "args" in entry or "kwargs" in entry] == []


def test_calls_that_nobody_took_up_do_not_pile_up() -> None:
    for each in ROUNDS:
        assert beat_schedule()[each.why]["options"]["expires"] == each.every.total_seconds()


def test_every_queue_has_a_round_and_every_worker_listens_to_all_queues(tmp_path: Path) -> None:
    app = celery_for(settings_from({"MERIDIAN_DATA": str(tmp_path)}))

    listened_to = set(app.amqp.queues.consume_from)

    assert listened_to == {one.value for one in Queue}
    assert set(queue_of().values()) <= listened_to


def test_a_round_goes_to_its_queue_by_beat_and_by_hand(tmp_path: Path) -> None:
    app = celery_for(settings_from({"MERIDIAN_DATA": str(tmp_path)}))

    for each in ROUNDS:
        assert beat_schedule()[each.why]["options"]["queue"] == each.queue.value
        assert app.amqp.router.route({}, each.task)["queue"].name == each.queue.value


def test_a_beat_begins_with_every_round_and_keeps_no_file(tmp_path: Path) -> None:
    app = celery_for(settings_from({"MERIDIAN_DATA": str(tmp_path)}))

    beat = Rounds(app)

    assert {entry.task for entry in beat.schedule.values() if entry.is_due().is_due} == {one.task for one in ROUNDS}
    assert {entry.task for entry in (one.next() for one in beat.schedule.values()) if entry.is_due().is_due} == set()
    assert not list(tmp_path.glob("**/*beat*"))


def test_without_a_broker_the_queues_are_files_in_the_data_folder(tmp_path: Path) -> None:
    app = celery_for(settings_from({"MERIDIAN_DATA": str(tmp_path)}))

    options = app.conf.broker_transport_options
    folders = [Path(value) for name, value in options.items() if "folder" in name]

    assert app.conf.broker_url == "filesystem://localhost"
    assert len(folders) == 2
    assert all(folder.is_dir() and folder.is_relative_to(tmp_path) for folder in folders)


def test_a_call_taken_by_a_worker_that_died_comes_back_within_seconds(tmp_path: Path) -> None:
    app = celery_for(settings_from({"MERIDIAN_DATA": str(tmp_path), "MERIDIAN_BROKER_URL": "redis://somewhere"}))

    options = app.conf.broker_transport_options

    assert app.conf.task_acks_late
    assert options["unacked_restore_interval"] * options["unacked_restore_throttle"] <= 10


def test_a_fault_is_told_without_its_text() -> None:
    with pytest.raises(RoundFailed) as told, told_without_contents():
        raise ValueError("Ada Example, M54.50")

    assert "ValueError" in str(told.value)
    assert "Ada" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__
