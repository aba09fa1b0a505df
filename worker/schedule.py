"""What beat starts, and how often. A message that nobody took in time is dropped: the next is on its way."""

from typing import Any

from celery.schedules import crontab


def _every(task: str, seconds: float) -> dict[str, Any]:
    return {"task": f"worker.tasks.{task}", "schedule": seconds, "options": {"expires": max(seconds, 5)}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "relay": _every("relay", 1),
    "pulse": _every("pulse", 15),
    "sweep": _every("sweep", 15),
    "close-batches": _every("close_batches", 30),
    "settle-payments": _every("settle_payments", 30),
    # Hourly, not once a week: a Monday morning without a worker must not cost the shops a week.
    "draw-up-sheets": {"task": "worker.tasks.draw_up_sheets", "schedule": crontab(minute="20")},
    "purge-personal": {"task": "worker.tasks.purge_personal", "schedule": crontab(hour="3", minute="10")},
    "keep-views": _every("keep_views", 60),
    "tell-low": _every("tell_low", 300),
    "tidy": {"task": "worker.tasks.tidy", "schedule": crontab(hour="3", minute="40")},
}
