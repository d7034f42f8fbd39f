"""How Celery is set up for an installation: which broker it uses, and how careful it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import Celery

from billing.settings import Settings
from workers.schedule import beat_schedule

SECONDS_BETWEEN_LOOKS = 0.2
"""How often a worker looks into the folder of queues, when files are the broker."""

REDIS = {"unacked_restore_interval": 5, "unacked_restore_throttle": 1}
"""A call that a killed worker had taken is given to another after seconds; by default it would take minutes."""


def celery_for(settings: Settings) -> Celery:
    """The app for these settings. Without a broker it keeps its queues as files in the data folder."""
    app = Celery("meridian", include=["workers.tasks"])
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        accept_content=["json"],
        enable_utc=True,
        beat_schedule=beat_schedule(),
        **(_broker(settings) if settings.broker_url else _folder(settings.queues)),
    )
    return app


def _broker(settings: Settings) -> dict[str, Any]:
    options = REDIS if settings.broker_url.startswith("redis") else {}
    return {"broker_url": settings.broker_url, "broker_transport_options": options}


def _folder(queues: Path) -> dict[str, Any]:
    # Celery would make its control folder wherever it was started.
    calls, control = queues / "calls", queues / "control"
    for folder in (calls, control):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://",
        "broker_transport_options": {
            "data_folder_in": str(calls),
            "data_folder_out": str(calls),
            "control_folder": str(control),
            "polling_interval": SECONDS_BETWEEN_LOOKS,
        },
        "worker_enable_remote_control": False,
    }
