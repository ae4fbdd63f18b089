"""A trial: one set of parameters and what became of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Dict, Optional

from .space import Value


class TrialState(str, enum.Enum):
    """What a trial counts as. The values are those that `qalam export` and `qalam suggest` write and read."""

    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    KILLED = "Killed"
    EARLY_STOPPED = "EarlyStopped"
    METRICS_UNAVAILABLE = "MetricsUnavailable"

    @classmethod
    def parse(cls, text: str) -> "TrialState":
        """Any case, with or without '-', '_' and blanks. "pending" and "created" are running. ValueError: no state."""
        plain = text.lower().replace("-", "").replace("_", "").replace(" ", "")
        if plain in ("pending", "created"):
            return cls.RUNNING
        for state in cls:
            if state.value.lower() == plain:
                return state
        raise ValueError(f"status must be one of {', '.join(state.value for state in cls)}, got {text!r}")


@dataclass
class Trial:
    """Made by `Study.ask` and `Study.add`, changed by `Study.tell`; to be read by everybody else.

    params: values by name: float, int, or the choice that was given.
    metrics: results by name. start, end: when it was asked and told, in UTC.
    number: its place in the study, from 0.
    labels: what the algorithm wants known of the trial (population based training does).
    """

    name: str
    number: int
    params: Dict[str, Value]
    state: TrialState = TrialState.RUNNING
    metrics: Dict[str, float] = field(default_factory=dict)
    start: Optional[datetime] = None
    end: Optional[datetime] = None
    labels: Dict[str, str] = field(default_factory=dict)

    def __getitem__(self, parameter: str) -> Value:
        return self.params[parameter]
