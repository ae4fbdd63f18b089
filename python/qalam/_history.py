"""Trials as lines of JSON, in the form that `qalam export --format jsonl` writes and `qalam suggest` reads.

Of several lines about one trial the last counts, and only the first needs the parameters; so a file can be appended to.
"""

from __future__ import annotations

import json
import math
import os
from typing import IO, Any, Dict, Iterable, Iterator, Mapping, Optional, Tuple, Union

from . import _time
from .trial import Trial

PathLike = Union[str, "os.PathLike[str]"]


def _number(value: float) -> Union[float, str]:
    return value if math.isfinite(value) else repr(value)  # JSON has no NaN and no infinity


def to_record(trial: Trial, experiment: str, settings: Mapping[str, str]) -> Dict[str, Any]:
    record: Dict[str, Any] = {
        "apiVersion": "qalam.dev/v1",
        "kind": "TrialRecord",
        "experiment": experiment,
        "trial": trial.name,
        "status": trial.state.value,
        "start": trial.start and _time.to_whole_seconds(trial.start),
        "end": trial.end and _time.to_whole_seconds(trial.end),
        "parameters": trial.params,
        "metrics": {name: _number(value) for name, value in trial.metrics.items()},
    }
    if trial.labels:
        record["labels"] = trial.labels
    if settings:
        record["algorithmSettings"] = dict(settings)
    return record


def to_line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def read_lines(path: PathLike) -> Iterator[Tuple[int, Dict[str, Any]]]:
    """Line number, from 1, and record. A last line without its end, left by a crash, is passed over if it is no JSON.

    ValueError, with file and line: not a JSON object.
    """
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except ValueError as error:
                if not line.endswith("\n"):
                    return
                raise ValueError(f"{path}:{number}: must be a JSON object: {error}") from None
            if not isinstance(record, dict):
                raise ValueError(f"{path}:{number}: must be a JSON object, got {type(record).__name__}")
            yield number, record


def metric_value(value: Any, better: str) -> Optional[float]:
    """Of a number, its text, or an exported {"min", "max", "latest"}, of which `better` is one. None: nothing usable."""
    if isinstance(value, Mapping):
        value = value.get(better, value.get("latest"))
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def write_all(path: PathLike, lines: Iterable[str]) -> None:
    """Replaces the file as a whole: after a crash it is the old one or the new one."""
    temporary = f"{os.fspath(path)}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise


def _lock(file: IO[bytes], path: PathLike) -> None:
    try:
        import fcntl
    except ImportError:  # not on Unix
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BlockingIOError(f"{path} is the history of another study that is open; close it first") from None


class Journal:
    """A file that every change is appended to, and is on disk before the change is acknowledged. It has one writer."""

    def __init__(self, path: PathLike) -> None:
        """BlockingIOError: another study writes the file, here or in another process."""
        self._file = open(path, "a+b", buffering=0)
        try:
            _lock(self._file, path)
            self._drop_torn_line()
        except BaseException:
            self._file.close()
            raise

    def _drop_torn_line(self) -> None:
        size = self._file.seek(0, os.SEEK_END)
        while size > 0:
            start = max(0, size - 4096)
            self._file.seek(start)
            end = self._file.read(size - start).rfind(b"\n")
            if end == size - start - 1:
                return
            if end >= 0:
                self._file.truncate(start + end + 1)
                return
            size = start
        self._file.truncate(0)

    def append(self, records: Iterable[Mapping[str, Any]]) -> None:
        size = self._file.seek(0, os.SEEK_END)
        try:
            rest = memoryview("".join(map(to_line, records)).encode())
            while rest:
                rest = rest[self._file.write(rest):]
            os.fsync(self._file.fileno())
        except BaseException:
            self._file.truncate(size)  # a full disk: what comes later must not follow half a line
            raise

    def close(self) -> None:
        self._file.close()
