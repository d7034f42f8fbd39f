"""How Celery is set up for an installation: its queues, and how careful it is."""

from __future__ import annotations

from celery import Celery
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from billing.adapters.bell_celery import broker_options
from billing.operations import rounds
from billing.settings import Settings
from workers.schedule import Rounds, beat_schedule

SECONDS_BETWEEN_ATTEMPTS = 5
"""How long at most a worker or the beat waits until it tries again to reach a broker that went away."""

# By name, so that nobody imports it who has no Redis.
TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "workers.redis_queues:RedisQueues"


def celery_for(settings: Settings) -> Celery:
    """The app for these settings. Without a broker it keeps its queues as files in the data folder."""
    app = Celery("meridian", include=["workers.tasks", "workers.signs"])
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_queues=[Queue(one.value, Exchange(one.value), one.value) for one in rounds.Queue],
        task_default_queue=rounds.Queue.DESK.value,
        task_routes={name: {"queue": queue} for name, queue in rounds.queue_of().items()},
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=SECONDS_BETWEEN_ATTEMPTS,
        accept_content=["json"],
        enable_utc=True,
        result_expires=None,
        beat_schedule=beat_schedule(),
        beat_scheduler=f"{Rounds.__module__}:{Rounds.__name__}",
        **broker_options(settings),
    )
    return app
