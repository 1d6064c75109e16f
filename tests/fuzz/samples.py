"""Samples: what a service sends, as one value that can be damaged, made smaller and saved.

Law: a saved sample is a line of JSON, and loads to an equal one.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.fuzz.documents import damaged, written

from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fuzz.documents import Chance

    from chat_core.jsonvalue import JSON, JSONObject

MANY = 200
"""How often a frame may come."""
LONGEST = 4 * 1024 * 1024
"""Longest damaged sample, in bytes: what is larger says nothing more and takes long."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A reply in pieces: frames of a stream, messages of a socket, reads of a body, or one body."""

    frames: tuple[Frame, ...]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)

    @classmethod
    def of(cls, reply: WireResponse) -> Sample:
        """Take a whole reply."""
        return cls((Frame(reply.body),), reply.status, reply.headers)

    @property
    def reply(self) -> WireResponse:
        """The sample as a whole reply."""
        return WireResponse(status=self.status, headers=self.headers, body=b"".join(map(raw, self.frames)))

    @property
    def size(self) -> int:
        """The bytes of all frames."""
        return sum(len(frame.data) for frame in self.frames)

    def saved(self) -> JSONObject:
        """Spell the sample as JSON."""
        told: JSONObject = {"frames": [_saved(frame) for frame in self.frames]}
        if self.status != Sample(()).status or self.headers:
            told |= {"status": self.status, "headers": dict(self.headers)}
        return told

    @classmethod
    def load(cls, told: JSONObject) -> Sample:
        """Read a saved sample.

        Raises:
            TypeError: it is none.
        """
        match told:
            case {"frames": list(frames)}:
                status, headers = told.get("status", 200), told.get("headers", {})
                if isinstance(status, int) and isinstance(headers, dict):
                    return cls(tuple(map(_loaded, frames)), status, {key: str(item) for key, item in headers.items()})
            case _:
                pass
        raise TypeError(f"no sample: {told!r:.200}")


def raw(frame: Frame) -> bytes:
    """Return the bytes of a frame."""
    return frame.data if isinstance(frame.data, bytes) else frame.data.encode("utf-8", "surrogatepass")


def _saved(frame: Frame) -> JSON:
    told: JSONObject = {}
    if isinstance(frame.data, str):
        told["message"] = frame.data
    else:
        try:
            told["text"] = frame.data.decode()
        except UnicodeDecodeError:
            told["base64"] = b64encode(frame.data).decode()
    if frame.event is not None:
        told["event"] = frame.event
    if frame.cut:
        told["cut"] = True
    return told


def _loaded(told: JSON) -> Frame:
    if not isinstance(told, dict):
        raise TypeError(f"no frame: {told!r:.200}")
    event = told.get("event")
    name, cut = event if isinstance(event, str) else None, told.get("cut") is True
    match told:
        case {"message": str(text)}:
            return Frame(text, event=name, cut=cut)
        case {"text": str(text)}:
            return Frame(text.encode(), event=name, cut=cut)
        case {"base64": str(text)}:
            return Frame(b64decode(text), event=name, cut=cut)
        case _:
            raise TypeError(f"no frame: {told!r:.200}")


def mutated(sample: Sample, donor: Sample, chance: Chance) -> Sample:
    """Damage a sample at one to three places; `donor` gives frames, keys and values of its own."""
    frames = list(sample.frames) or [Frame(b"")]
    for _ in range(1 + (chance(2) == 0) + (chance(4) == 0)):
        frames = _once(frames, list(donor.frames) or [Frame(b"")], chance) or [Frame(b"")]
        if sum(len(frame.data) for frame in frames) > LONGEST:
            return sample
    return replace(sample, frames=tuple(frames))


def _once(frames: list[Frame], donors: list[Frame], chance: Chance) -> list[Frame]:
    at = chance(len(frames))
    kept, frame, rest = frames[:at], frames[at], frames[at + 1 :]
    given = donors[chance(len(donors))]
    match chance(16):
        case 0:
            return [*kept, *rest]
        case 1:
            return [*kept, *[frame] * (2 + MANY * (chance(8) == 0)), *rest]
        case 2:
            others = [*kept, *rest]
            place = chance(len(others) + 1)
            return [*others[:place], frame, *others[place:]]
        case 3:
            return kept
        case 4:
            return [*kept, *donors[chance(len(donors)) :]]
        case 5:
            return [piece for pair in zip(frames, donors, strict=False) for piece in pair]
        case 6:
            return [*kept, given, frame, *rest]
        case 7:
            return [*kept, replace(frame, event=(None, "", "error", "message", given.event)[chance(5)]), *rest]
        case 8:
            return [*kept, *_retyped(frame), *rest]
        case 9 | 10:
            return [*kept, replace(frame, data=_flipped(raw(frame), chance)), *rest]
        case _:
            return [*kept, _redocumented(frame, given, chance), *rest]


def _retyped(frame: Frame) -> list[Frame]:
    """Let bytes come as text, and text as bytes."""
    if isinstance(frame.data, str):
        return [replace(frame, data=raw(frame))]
    return [replace(frame, data=frame.data.decode("utf-8", "replace"))]


def _flipped(data: bytes, chance: Chance) -> bytes:
    """Change, insert or leave out some bytes."""
    at = chance(len(data) + 1)
    put = bytes(chance(256) for _ in range(chance(4)))
    return data[:at] + put + data[at + chance(5) :]


def _redocumented(frame: Frame, given: Frame, chance: Chance) -> Frame:
    try:
        document, donor = parse(raw(frame)), _document(given)
    except DecodeError:
        return replace(frame, data=_flipped(raw(frame), chance))
    data = written(damaged(document, donor, chance))
    return replace(frame, data=data.decode("utf-8", "surrogatepass") if isinstance(frame.data, str) else data)


def _document(frame: Frame) -> JSON:
    try:
        return parse(raw(frame))
    except DecodeError:
        return None
