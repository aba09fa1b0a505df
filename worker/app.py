"""The Celery application: ``celery -A worker.app worker`` and ``celery -A worker.app beat``."""

import logging
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger, worker_ready

from market.kernel import clock, pulse
from market.kernel.redact import Redacted
from market.settings import read
from worker.schedule import SCHEDULE

# A task must end before its message is thought lost and handed to a second worker.
TIME_LIMIT_SECONDS = 480
VISIBILITY_SECONDS = 600

settings = read()
app = Celery("lvxiang", broker=settings.redis_url or "redis://127.0.0.1:6379/0", include=["worker.tasks"])
app.conf.update(
    beat_schedule=SCHEDULE,
    # Kept in memory: a schedule file that was being written at a power cut would stop beat for good.
    beat_scheduler="celery.beat:Scheduler",
    timezone="Asia/Shanghai",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_soft_time_limit=TIME_LIMIT_SECONDS - 60,
    task_time_limit=TIME_LIMIT_SECONDS,
    # The relay tries again in a second; a publisher that waits would only hold its rows' locks.
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_concurrency=4,
    worker_max_tasks_per_child=2_000,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": VISIBILITY_SECONDS,
        "socket_keepalive": True,
        "socket_connect_timeout": 3,
        "health_check_interval": 10,
    },
)


@after_setup_logger.connect
@after_setup_task_logger.connect
def redact_log(logger: logging.Logger, **told: Any) -> None:
    """A task's traceback says no more of people than the web's log."""
    for handler in logger.handlers:
        handler.setFormatter(Redacted(told["format"]))


@worker_ready.connect
def first_pulse(**_: Any) -> None:
    """Be heard from at once, not only when beat next asks."""
    if settings.redis_url:
        pulse.beat(settings.redis_url, clock.now())
