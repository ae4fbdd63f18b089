"""Parameters to search, and how their values read as text, as the contract has them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, Generic, Mapping, Optional, Sequence, Tuple, TypeVar, Union

from . import _wire

_TYPES = _wire.enum("ParameterType")
_ParameterSpec = _wire.message("ParameterSpec")

# As in an Experiment's feasibleSpace.distribution.
_DISTRIBUTIONS = {
    "uniform": _wire.enum("Distribution")["UNIFORM"],
    "logUniform": _wire.enum("Distribution")["LOG_UNIFORM"],
    "normal": _wire.enum("Distribution")["NORMAL"],
    "logNormal": _wire.enum("Distribution")["LOG_NORMAL"],
}

Choice = Union[str, int, float, bool]
Value = Union[str, int, float, bool]
_Number = TypeVar("_Number", int, float)


def _number_text(value: float) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value)  # of numpy's subclass, too


def _choice_text(value: Choice) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else _number_text(value)


@dataclass(frozen=True)
class _Range(Generic[_Number]):
    low: _Number
    high: _Number
    step: Optional[_Number] = None
    distribution: str = "uniform"

    def __post_init__(self) -> None:
        if self.distribution not in _DISTRIBUTIONS:
            raise ValueError(f"distribution must be {', '.join(_DISTRIBUTIONS)}, got {self.distribution!r}")
        if not self.low <= self.high:
            raise ValueError(f"low must not be above high, got {self.low} and {self.high}")

    def _check(self, value: _Number, shown: Any) -> _Number:
        if not self.low <= value <= self.high:
            raise ValueError(f"must be from {self.low} to {self.high}, got {shown!r}")
        return value

    def _spec(self, name: str, kind: str) -> Any:
        spec = _ParameterSpec(name=name, parameter_type=_TYPES[kind])
        spec.feasible_space.min = _number_text(self.low)
        spec.feasible_space.max = _number_text(self.high)
        if self.step is not None:
            spec.feasible_space.step = _number_text(self.step)
        spec.feasible_space.distribution = _DISTRIBUTIONS[self.distribution]
        return spec

    def to_text(self, value: Any) -> str:
        """ValueError: not in the range."""
        return _number_text(self.to_value(value))

    def to_value(self, value: Any) -> _Number:
        raise NotImplementedError


@dataclass(frozen=True)
class Float(_Range[float]):
    """A real number from `low` to `high`, both included; with a `step`, those that are whole steps from `low`.

    distribution: "uniform", "logUniform" (every order of magnitude alike; low > 0), "normal" or "logNormal".
    """

    def to_value(self, value: Any) -> float:
        """The number that a value, or its text, stands for. ValueError: none, or not in the range."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"must be a number, got {value!r}") from None
        return self._check(number, value)

    def to_spec(self, name: str) -> Any:
        return self._spec(name, "DOUBLE")


@dataclass(frozen=True)
class Int(_Range[int]):
    """A whole number from `low` to `high`, both included, in whole steps from `low`."""

    def to_value(self, value: Any) -> int:
        """The number that a value, or its text, stands for. ValueError: none, or not in the range."""
        try:
            number = int(float(value)) if isinstance(value, str) and not _is_digits(value) else int(value)
            if number != (float(value) if isinstance(value, str) else value):
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"must be a whole number, got {value!r}") from None
        return self._check(number, value)

    def to_spec(self, name: str) -> Any:
        return self._spec(name, "INT")


def _is_digits(text: str) -> bool:
    return text.strip().lstrip("+-").isdigit()


@dataclass(frozen=True, init=False)
class _List:
    choices: Tuple[Choice, ...]

    def __init__(self, choices: Sequence[Choice]) -> None:
        if isinstance(choices, str) or len(choices) == 0:
            raise ValueError(f"choices must be a list with something in it, got {choices!r}")
        by_text: Dict[str, Choice] = {}
        for choice in choices:
            if not isinstance(choice, (str, int, float)):
                raise ValueError(f"a choice must be a text or a number, got {choice!r}")
            if by_text.setdefault(_choice_text(choice), choice) is not choice:
                raise ValueError(f"choice {choice!r} is there twice, or reads like another")
        object.__setattr__(self, "choices", tuple(choices))
        object.__setattr__(self, "_by_text", by_text)

    def to_value(self, value: Any) -> Choice:
        """The choice that a value, or its text, stands for. ValueError: there is none."""
        by_text: Dict[str, Choice] = getattr(self, "_by_text")
        if isinstance(value, (str, int, float)):
            text = _choice_text(value)
            if text in by_text:
                return by_text[text]
        try:
            number = float(value)
            for text, choice in by_text.items():
                if _is_number(text) and float(text) == number:
                    return choice
        except (TypeError, ValueError):
            pass
        raise ValueError(f"must be one of {', '.join(map(repr, self.choices))}, got {value!r}")

    def to_text(self, value: Any) -> str:
        return _choice_text(self.to_value(value))

    def _spec(self, name: str, kind: str) -> Any:
        spec = _ParameterSpec(name=name, parameter_type=_TYPES[kind])
        spec.feasible_space.list.extend(_choice_text(choice) for choice in self.choices)
        return spec


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


class Discrete(_List):
    """One of a list of values that have an order, usually numbers: Discrete([16, 32, 64])."""

    def to_spec(self, name: str) -> Any:
        return self._spec(name, "DISCRETE")


class Categorical(_List):
    """One of a list of values without an order: Categorical(["adam", "sgd"])."""

    def to_spec(self, name: str) -> Any:
        return self._spec(name, "CATEGORICAL")


Parameter = Union[Float, Int, Discrete, Categorical]
Space = Mapping[str, Parameter]


def check_point(space: Space, point: Mapping[str, Any]) -> Dict[str, Value]:
    """The point's values as the space has them. ValueError names every parameter that is missing, unknown or outside."""
    values: Dict[str, Value] = {}
    problems = []
    for name, parameter in space.items():
        if name not in point:
            problems.append(f"{name}: is missing")
            continue
        try:
            values[name] = parameter.to_value(point[name])
        except ValueError as error:
            problems.append(f"{name}: {error}")
    problems.extend(f"{name}: there is no such parameter, only {', '.join(space)}" for name in point if name not in space)
    if problems:
        raise ValueError("; ".join(problems))
    return values
