"""The Celery app of this process, as ``celery --app workers.app worker`` and ``… beat`` start it."""

from __future__ import annotations

from billing.settings import settings_of_this_process
from workers.installation import celery_for

app = celery_for(settings_of_this_process())
