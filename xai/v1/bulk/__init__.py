"""Bulk work: many items, one task, and what came of each."""

from xai.v1.bulk.progress import Progress
from xai.v1.bulk.result import CheckpointError, Result, TooManyErrorsError
from xai.v1.bulk.task import ChatTask

__all__ = ["ChatTask", "CheckpointError", "Progress", "Result", "TooManyErrorsError"]

for _class in (CheckpointError, Progress, Result, TooManyErrorsError):
    _class.__module__ = "xai.v1.bulk"
ChatTask.__module__ = "xai.v1"
