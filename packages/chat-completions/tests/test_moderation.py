from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_completions.moderation import CompletionsModeration
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.moderation import Judgement, ModerationRequest, ModerationResponse
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.parts import URL, Inline, Media
from chat_core.response import Usage

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

OPENAI = CompletionsModeration(Completions(PRESETS["openai-chat"]))
MISTRAL = CompletionsModeration(Completions(PRESETS["mistral"]))
ORIGIN = OPENAI.provider.origin("m")
PICTURE = Media(kind="image", source=URL("https://a.example/x.png"))


def asked(*inputs: str | Media) -> ModerationRequest:
    return ModerationRequest(model="m", inputs=inputs, extra={"x": 1})


def decode(body: JSON, *inputs: str | Media) -> ModerationResponse:
    return OPENAI.decode(asked(*(inputs or ("a",))), WireResponse(body=json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("inputs", "sent"),
    [
        (("a",), "a"),
        (("a", "b"), ["a", "b"]),
        ((), []),
        (
            ("a", PICTURE),
            [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "https://a.example/x.png"}}],
        ),
        (
            (Media(kind="image", source=Inline(b"x"), mime="image/png"),),
            [{"type": "image_url", "image_url": {"url": "data:image/png;base64,eA=="}}],
        ),
    ],
)
def test_texts_are_sent_alone_and_pictures_as_parts(inputs: tuple[str | Media, ...], sent: JSON) -> None:
    wire = OPENAI.encode(asked(*inputs))
    assert wire.url == "https://api.openai.com/v1/moderations"
    assert wire.body == {"model": "m", "input": sent, "x": 1}


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(UnsupportedContent, match="no audio"):
        OPENAI.encode(asked(Media(kind="audio", source=Inline(b"x"))))
    with pytest.raises(UnsupportedContent, match="mistral judges texts alone"):
        MISTRAL.encode(asked("a", PICTURE))


def test_judgements_come_in_order() -> None:
    result: JSONObject = {
        "flagged": True,
        "categories": {"hate": True, "illicit": None, "odd": "yes"},
        "category_scores": {"hate": 0.5, "violence": 1},
        "category_applied_input_types": {"hate": ["text"], "odd": [1]},
        "more": 2,
    }
    body: JSON = {"id": "i", "model": "m1", "results": [{**result}, {"flagged": False}], "usage": {"prompt_tokens": 1}}
    assert decode(body, "a", "b") == ModerationResponse(
        results=(
            Judgement(
                flagged=True,
                categories={"hate": True},
                scores={"hate": 0.5, "violence": 1.0},
                input_types={"hate": ("text",)},
                meta={
                    ORIGIN: {
                        "more": 2,
                        "categories": {"odd": "yes"},
                        "category_applied_input_types": {"odd": [1]},
                    }
                },
            ),
            Judgement(flagged=False, categories={}),
        ),
        model="m1",
        id="i",
        usage=Usage(input_tokens=1, raw={"prompt_tokens": 1}),
    )
    assert decode(body, "a", "b").flagged


@pytest.mark.parametrize(("hate", "flagged"), [(True, True), (False, False)])
def test_a_judgement_that_does_not_say_so_is_flagged_by_its_categories(hate: bool, flagged: bool) -> None:
    assert decode({"results": [{"categories": {"hate": hate}}]}).flagged is flagged


MALFORMED: tuple[JSON, ...] = (
    {}, {"results": {}}, {"results": [1]}, {"results": [{"flagged": 1}]}, {"results": [{"categories": []}]},
)  # fmt: skip


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


@pytest.mark.parametrize(("inputs", "came"), [(("a",), 0), (("a", "b"), 1), ((PICTURE, "b"), 2)])
def test_an_input_that_nobody_has_judged_is_an_error(inputs: tuple[str | Media, ...], came: int) -> None:
    with pytest.raises(DecodeError, match=f"{came} judgements came for"):
        decode({"results": [{"flagged": False} for _ in range(came)]}, *inputs)


def test_a_score_that_no_float_can_hold_is_kept_as_it_came() -> None:
    (judgement,) = decode(
        {"results": [{"flagged": False, "category_scores": {"hate": 10**400, "more": 0.5}}]}, "a"
    ).results
    assert judgement.scores == {"more": 0.5}
    assert judgement.meta[ORIGIN] == {"category_scores": {"hate": 10**400}}
