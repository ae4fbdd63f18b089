"""Trials and observations as pandas DataFrames."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from . import _time
from .observations import Observation
from .trial import Trial


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f"{error}: frames need it; pip install 'qalam[pandas]'") from None
    return pandas


def _times(pd: Any, nanoseconds: Sequence[Optional[int]]) -> Any:
    missing = pd.NaT.value  # what stands for no time among nanoseconds
    values = [missing if value is None or not pd.Timestamp.min.value <= value <= pd.Timestamp.max.value else value
              for value in nanoseconds]
    return pd.to_datetime(pd.Series(values, dtype="int64"), unit="ns", utc=True)


def observations_frame(observations: Sequence[Observation]) -> Any:
    pd = _pandas()
    return pd.DataFrame({
        "time": _times(pd, [_time.parse_nanoseconds(entry.timestamp) for entry in observations]),
        "metric": pd.Series([entry.metric for entry in observations], dtype="object"),
        "value": pd.Series([entry.value for entry in observations], dtype="float64"),
        "text": pd.Series([entry.text for entry in observations], dtype="object"),
    })


def trials_frame(trials: Sequence[Trial], parameters: Sequence[str], metrics: Sequence[str]) -> Any:
    pd = _pandas()
    starts = [None if trial.start is None else _time.to_nanoseconds(trial.start) for trial in trials]
    ends = [None if trial.end is None else _time.to_nanoseconds(trial.end) for trial in trials]
    columns: Dict[str, Any] = {
        "status": [trial.state.value for trial in trials],
        "start": _times(pd, starts).array,
        "end": _times(pd, ends).array,
        "duration_seconds": pd.array([None if start is None or end is None else (end - start) / 1e9
                                      for start, end in zip(starts, ends)], dtype="Float64"),
    }

    def add(name: str, group: str, values: List[Any]) -> None:
        columns[f"{group}.{name}" if name in columns or name == "trial" else name] = values

    for parameter in parameters:
        add(parameter, "parameter", [trial.params[parameter] for trial in trials])
    for metric in metrics:
        add(metric, "metric", [trial.metrics.get(metric) for trial in trials])
    return pd.DataFrame(columns, index=pd.Index([trial.name for trial in trials], name="trial", dtype="object"))
