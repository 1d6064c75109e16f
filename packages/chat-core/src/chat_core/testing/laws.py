"""The table of laws: what each says, who judges it, and what it is tried on.

Law: a law that nothing lets it be tried on is not kept. What a provider cannot have by its own declaration, such as
HTTP or a parser, is passed over with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.codec.classification import Classification
from chat_core.testing import (
    asking,
    cuts,
    damage,
    decoding,
    endings,
    offering,
    plugin,
    roundtrip,
    secrecy,
    stack,
    strangers,
)
from chat_core.testing.colours import COLOURS
from chat_core.testing.outcome import Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chat_core.testing.fixtures import Case
    from chat_core.testing.subject import Subject

Over: TypeAlias = Literal[
    "provider", "options", "cases", "replies", "streams", "both", "errors", "one_stream", "limited"
]
"""What a law is tried on: the provider as it is, each option, cases that have the files in question, or one of them."""

Needs: TypeAlias = Literal["", "http", "parse", "spec", "offer", "sort"]
"""What a provider must have for a law to say something about it."""


@dataclass(frozen=True, slots=True)
class Law:
    """One law.

    Attributes:
        words: what it says.
        judge: yields what is wrong; takes the subject, then what it is tried on.
        over: what it is tried on.
        needs: what the provider must have.
        colours: it is tried in both colours.
    """

    words: str
    judge: Callable[..., Iterator[str]]
    over: Over = "cases"
    needs: Needs = ""
    colours: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """A law with what it is tried on.

    Attributes:
        name: the name of the law.
        id: the name, with what it is tried on.
        arguments: what `judge` takes beside the subject.
    """

    name: str
    id: str
    arguments: tuple[object, ...] = ()

    def faults(self, subject: Subject) -> list[str]:
        """Return what is wrong."""
        try:
            return list(LAWS[self.name].judge(subject, *self.arguments))
        except Crash as crash:
            return [f"a decoder raised what it must not: {crash}"]


LAWS: Mapping[str, Law] = {
    "facts": Law("the answer is what the fixture expects", decoding.as_expected),
    "grammar": Law("events obey the grammar", decoding.grammar_holds, "streams"),
    "same_answer": Law("folding the stream equals decoding the whole reply", decoding.both_forms_agree, "both"),
    "cuts": Law("how the bytes are cut never changes the events", cuts.whatever_the_pieces, "streams"),
    "frames_at_every_byte": Law("a cut stream has no other frames", cuts.framed_at_every_byte, "streams"),
    "ends_at_every_frame": Law("the end is never invented", endings.cut_after_every_frame, "streams"),
    "ends_at_bytes": Law("the end is never invented", endings.cut_at_bytes, "streams"),
    "usage_grows": Law("usage never decreases", endings.usage_grows, "streams"),
    "nothing_lost": Law("no leaf of a reply is lost without a word", decoding.nothing_lost, "replies"),
    "malformed": Law("a malformed reply is an error", decoding.malformed_is_an_error, "replies"),
    "damage": Law("damage gives no other errors than promised", damage.only_promised_errors),
    "errors": Law("an error reply is an error, whatever its body", decoding.errors_of_strangers, "provider"),
    "error_values": Law("an error says its status and is a value", decoding.errors_are_values, "errors"),
    "values": Law("results can be pickled, copied and compared", decoding.results_are_values),
    "pure": Law("equal requests are equal bytes", asking.encoding_is_pure),
    "options": Law("an option is sent, or a notice says that it is not", asking.option_is_sent, "options"),
    "schemas": Law("schemas travel whole, or a notice says otherwise", asking.schemas_travel_whole, "provider"),
    "tool_choice": Law("a choice of tools is sent or noticed", asking.choice_is_sent, "provider"),
    "new_parts": Law("a part that nobody can spell is refused", asking.new_parts_are_refused, "provider"),
    "media": Law("media are sent or refused, never dropped", asking.media_is_sent, "provider"),
    "unanswered_calls": Law("a half-answered turn is refused", asking.unanswered_calls_are_refused, "provider"),
    "private_data": Law("private data goes to its own origin only", strangers.foreign_data_stays, "provider"),
    "foreign_reasoning": Law(
        "reasoning of others follows its policy", strangers.foreign_reasoning_follows_its_policy, "provider"
    ),
    "foreign_blocks": Law(
        "a block of another service is refused or noticed, never sent", strangers.foreign_blocks_are_told, "provider"
    ),
    "history": Law("answers and requests survive being saved", roundtrip.saved_and_loaded),
    "goes_back": Law("an answer goes back with what its service needs", roundtrip.answers_go_back),
    "parse": Law("an answer is the same after it was encoded and parsed", roundtrip.parsed_again, needs="parse"),
    "prefix": Law("appending a turn changes no earlier byte", roundtrip.earlier_bytes_stay),
    "provider_value": Law("a provider is a value", plugin.provider_is_a_value, "provider"),
    "name": Law("the registry finds the provider by its name", plugin.name_resolves, "provider", "spec"),
    "light": Law("importing the plugin loads no provider", plugin.plugin_is_light, "provider", "spec"),
    "offers": Law("a field of a request beside chat is sent or noticed", offering.fields_are_sent, "provider", "offer"),
    "offers_pure": Law("equal requests beside chat are equal", offering.offers_are_pure, "provider", "offer"),
    "offers_damage": Law(
        "damage beside chat gives no other errors than promised", offering.offers_survive_damage, "provider", "offer"
    ),
    "several_labels": Law(
        "where several classes may fit, each score is by itself", offering.several_labels_hold, "provider", "sort"
    ),
    "over_http": Law("a program sees what the decoder says", stack.as_decoded, needs="http", colours=True),
    "cut_over_http": Law("three endings over a real server", stack.cut_anywhere, "streams", "http", colours=True),
    "retry_after": Law(
        "a service's word on when to come back counts", stack.retry_after_is_honoured, "limited", "http", colours=True
    ),
    "timeouts": Law("a timeout names its phase", stack.timeouts_are_named, "one_stream", "http", colours=True),
    "leaving": Law("leaving a stream closes its socket", stack.leaving_closes, "one_stream", "http", colours=True),
    "secrets": Law("a key shows nowhere", secrecy.secret_stays_secret, "provider", "http", colours=True),
}  # fmt: skip
"""All laws by the names under which a provider may declare a skip."""


def lacking(law: Law, subject: Subject) -> str | None:
    """Say what the provider does not have that a law is about; `None` when it has it."""
    match law.needs:
        case "http" if "http" not in subject.provider.channels:
            return "the provider does not speak over HTTP"
        case "parse" if not hasattr(subject.provider, "parse"):
            return "the provider has no `parse`"
        case "spec" if subject.entry is None:
            return "the provider is not installed: the contract sets `provider` and no `spec`"
        case "offer" if not subject.provider.capabilities.keys() & offering.OFFERED.keys():
            return "the provider offers nothing beside chat"
        case "sort" if Classification not in subject.provider.capabilities:
            return "the provider sorts no texts into classes"
        case _:
            return None


def trials(name: str, subject: Subject) -> list[Trial]:
    """Return all that a law is tried on; empty when nothing lets it be tried."""
    law = LAWS[name]
    found = [Trial(name, "-".join((name, *word)), on) for word, on in _subjects(law.over, subject)]
    if not law.colours:
        return found
    return [
        Trial(name, f"{trial.id}-{colour}", (*trial.arguments, make))
        for trial in found
        for colour, make in COLOURS.items()
    ]


def _subjects(over: Over, subject: Subject) -> Iterator[tuple[tuple[str, ...], tuple[object, ...]]]:
    match over:
        case "provider":
            yield (), ()
        case "options":
            yield from (((option,), (option,)) for option in asking.OPTIONS)
        case _:
            yield from (((case.name,), (case,)) for case in _cases(over, subject))


def _cases(over: Over, subject: Subject) -> Iterable[Case]:
    match over:
        case "replies":
            return [case for case in subject.cases if case.reply is not None or case.stream is not None]
        case "streams":
            return [case for case in subject.cases if case.stream is not None]
        case "both":
            return [case for case in subject.cases if case.reply is not None and case.stream is not None]
        case "errors":
            return [case for case in subject.cases if case.error is not None]
        case "one_stream":
            return [case for case in subject.cases if stack.visible(subject, case) is not None][:1]
        case "limited":
            return [case for case in subject.cases if case.error is not None and "rate_limited" in case.covers][:1]
        case _:
            return subject.cases
