"""What trials have reported: one point of one metric each."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, List, Mapping, NamedTuple, Optional, SupportsFloat, Union

from . import _time, _wire
from ._channel import Channel

_ReportRequest = _wire.message("ReportObservationLogRequest")
_GetRequest = _wire.message("GetObservationLogRequest")
_DeleteRequest = _wire.message("DeleteObservationLogRequest")

MetricValues = Mapping[str, Union[SupportsFloat, str]]


class Observation(NamedTuple):
    """One report. `text` is the value as it was sent; `timestamp` is RFC 3339 in UTC, with up to nanoseconds.

    The time `0001-01-01T00:00:00Z` stands for a line of output that had none.
    """

    timestamp: str
    metric: str
    text: str

    @property
    def value(self) -> float:
        """NaN where the text is no number, such as "unavailable"."""
        try:
            return float(self.text)
        except ValueError:
            return math.nan

    @property
    def time(self) -> Optional[datetime]:
        """To the microsecond; None where there was none."""
        return None if self.timestamp.startswith("0001-01-01T00:00:00") else _time.parse(self.timestamp)


def report(channel: Channel, trial: str, metrics: MetricValues, timestamp: Optional[_time.Timestamp],
           timeout: Optional[float]) -> None:
    if not trial:
        raise ValueError("trial: name the trial that the metrics are of")
    if not metrics:
        raise ValueError("metrics: there is nothing to report")
    request = _ReportRequest(trial_name=trial)
    text = _time.to_text(timestamp)
    for name, value in metrics.items():
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"metric {name} must be a number, got {value!r}") from None
        entry = request.observation_log.metric_logs.add(time_stamp=text)
        entry.metric.name = name
        entry.metric.value = str(value) if isinstance(value, int) and not isinstance(value, bool) else repr(number)
    channel.call(_wire.REPORT_OBSERVATIONS, request, timeout)


def read(channel: Channel, trial: str, metric: str, start: Optional[_time.Timestamp],
         end: Optional[_time.Timestamp]) -> List[Observation]:
    request = _GetRequest(trial_name=trial, metric_name=metric)
    if start is not None:
        request.start_time = _time.to_text(start)
    if end is not None:
        request.end_time = _time.to_text(end)
    reply: Any = channel.call(_wire.GET_OBSERVATIONS, request)
    return [Observation(entry.time_stamp, entry.metric.name, entry.metric.value)
            for entry in reply.observation_log.metric_logs]


def delete(channel: Channel, trial: str) -> None:
    channel.call(_wire.DELETE_OBSERVATIONS, _DeleteRequest(trial_name=trial))
