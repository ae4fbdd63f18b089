"""The messages and methods of Katib's contract, api.v1.beta1.

The classes come from a descriptor pool of our own. So they live beside other generated code for the same file name
(Katib's SDK registers `api.proto` in the default pool, and two different files of one name are an error there), in
whatever order the packages are imported.
"""

from __future__ import annotations

import pkgutil
from typing import Any, Dict, NamedTuple, cast

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "api.v1.beta1"


def _load_pool() -> Any:
    data = pkgutil.get_data(__package__ or "qalam", "api.binpb")
    if data is None:
        raise ImportError("qalam: api.binpb, the description of the messages, is missing from the package")
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


_pool = _load_pool()
_factory: Any = message_factory
if hasattr(_factory, "GetMessageClass"):
    _class_of = _factory.GetMessageClass
else:  # before protobuf 4.22
    _class_of = _factory.MessageFactory(_pool).GetPrototype


def message(name: str) -> Any:
    """The class of a message, such as "Experiment" or "GetSuggestionsReply"."""
    return _class_of(_pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))


def enum(name: str) -> Dict[str, int]:
    """Numbers of an enum's values by name."""
    return {value.name: value.number for value in _pool.FindEnumTypeByName(f"{PACKAGE}.{name}").values}


class Method(NamedTuple):
    """A unary call: full path and the two message classes."""

    path: str
    request: Any
    reply: Any


def _method(service: str, name: str) -> Method:
    descriptor = _pool.FindServiceByName(f"{PACKAGE}.{service}").methods_by_name[name]
    return Method(f"/{PACKAGE}.{service}/{name}", _class_of(descriptor.input_type), _class_of(descriptor.output_type))


GET_SUGGESTIONS = _method("Suggestion", "GetSuggestions")
VALIDATE_SETTINGS = _method("Suggestion", "ValidateAlgorithmSettings")
REPORT_OBSERVATIONS = _method("DBManager", "ReportObservationLog")
GET_OBSERVATIONS = _method("DBManager", "GetObservationLog")
DELETE_OBSERVATIONS = _method("DBManager", "DeleteObservationLog")


def serialize(value: Any) -> bytes:
    """The bytes of a message; bytes stay what they are."""
    return value if isinstance(value, bytes) else cast(bytes, value.SerializeToString())
