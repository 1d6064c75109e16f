from __future__ import annotations

import pytest

from chat_core.errors import ConfigurationError, DecisionRefused
from chat_core.messages import assistant, user
from chat_core.parts import ToolCall
from chat_core.signing import WEEK, Signer, place_of
from chat_core.tools import Tool

KEY = b"sixteen bytes or more"
CALL = ToolCall(id="c", name="delete", arguments={"path": "a"})
TOOL = Tool(name="delete", parameters={"type": "object"})
PLACE = place_of((user("Hi"),), 0)
SIGNER = Signer(KEY)


def test_a_place_is_what_was_said_before_and_which_call_it_is() -> None:
    assert place_of([user("Hi")], 0) == PLACE
    others = {place_of((user("Hi"),), 1), place_of((user("Ho"),), 0), place_of((user("Hi"), assistant("Ho")), 0)}
    assert len({PLACE, *others, place_of((user("Hi"),), 0, "t"), place_of((user("Hi"),), 0, "u")}) == 6


OTHERS = (
    (ToolCall(id="d", name="delete", arguments={"path": "a"}), TOOL, PLACE),
    (ToolCall(id="c", name="erase", arguments={"path": "a"}), TOOL, PLACE),
    (ToolCall(id="c", name="delete", arguments={"path": "b"}), TOOL, PLACE),
    (ToolCall(id="c", name="delete", raw='{"path": "a"}'), TOOL, PLACE),
    (CALL, Tool(name="delete", parameters={"type": "string"}), PLACE),
    (CALL, None, PLACE),
    (CALL, TOOL, place_of((user("Hi"),), 1)),
)


@pytest.mark.parametrize(("call", "tool", "place"), OTHERS)
def test_a_token_is_good_for_its_call_alone(call: ToolCall, tool: Tool | None, place: str) -> None:
    token = SIGNER.token(CALL, TOOL, PLACE, 1000.0)
    SIGNER.check(token, CALL, TOOL, PLACE, 1000.0)
    with pytest.raises(DecisionRefused, match="another call"):
        SIGNER.check(token, call, tool, place, 1000.0)


def test_a_token_ends() -> None:
    token = SIGNER.token(CALL, TOOL, PLACE, 1000.0)
    SIGNER.check(token, CALL, TOOL, PLACE, 1000.0 + WEEK)
    with pytest.raises(DecisionRefused, match="expired"):
        SIGNER.check(token, CALL, TOOL, PLACE, 1001.0 + WEEK)
    version, end, mac = token.split(".")
    with pytest.raises(DecisionRefused, match="another call"):
        SIGNER.check(f"{version}.{int(end) + 9}.{mac}", CALL, TOOL, PLACE, 1000.0)


@pytest.mark.parametrize("token", [None, "", "1", "2.9.x", "1.-9.x", "1.9.x.y", "1.²0000.x", "1..x"])
def test_what_is_no_token_is_refused(token: str | None) -> None:
    with pytest.raises(DecisionRefused, match="no valid token"):
        SIGNER.check(token, CALL, TOOL, PLACE, 0.0)


def test_an_older_key_is_taken_and_does_not_sign() -> None:
    newer = Signer("another key of enough bytes", KEY)
    newer.check(SIGNER.token(CALL, TOOL, PLACE, 0.0), CALL, TOOL, PLACE, 0.0)
    with pytest.raises(DecisionRefused):
        SIGNER.check(newer.token(CALL, TOOL, PLACE, 0.0), CALL, TOOL, PLACE, 0.0)


def test_a_key_is_long_enough_and_shows_nowhere() -> None:
    with pytest.raises(ConfigurationError, match="16 bytes"):
        Signer(KEY, "short")
    assert repr(SIGNER) == "Signer(…)"
