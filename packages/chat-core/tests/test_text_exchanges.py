"""One response of several exchanges: what the service said beside results stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from test_calls import Able, number, toy
from toy import World

from chat_core import text_calls
from chat_core.codec.tokenization import Token, Tokenization, TokenizationRequest, TokenizationResponse
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.text_exchanges import cut

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


class Pieces:
    """Cuts one text at a time, and says what the reply has of it; of 0 it says nothing."""

    most_inputs = 1

    def encode(self, request: TokenizationRequest) -> WireRequest:
        return WireRequest(url="http://toy.example/tokens", body=json.dumps(request.inputs).encode())

    def decode(self, request: TokenizationRequest, reply: WireResponse) -> TokenizationResponse:  # noqa: ARG002 - the protocol's parameter
        said: dict[str, JSONObject] = {"toy": {"piece": int(reply.body)}} if int(reply.body) else {}
        return TokenizationResponse(results=((Token(id=int(reply.body)),),), meta=said)


def tokenized(*replies: int) -> TokenizationResponse:
    setup = toy(provider=Able(able={Tokenization: Pieces()}))
    return World(*map(number, replies)).run(text_calls.tokenize(setup, map(str, replies), {}))


def test_what_is_said_of_each_text_is_kept_in_their_order() -> None:
    found = tokenized(3, 0, 5)
    assert [one[0].id for one in found.results] == [3, 0, 5]
    assert found.meta == {"toy": {"exchanges": [{"piece": 3}, None, {"piece": 5}]}}


def test_one_exchange_stays_as_it_is_and_nothing_said_is_nothing() -> None:
    assert tokenized(3).meta == {"toy": {"piece": 3}}
    assert tokenized(0, 0).meta == {}


def test_inputs_are_cut_into_as_many_as_an_exchange_takes() -> None:
    assert cut((1, 2, 3), 2) == [(1, 2), (3,)]
    assert cut((1, 2, 3), None) == cut((1, 2, 3), 3) == [(1, 2, 3)]
    assert cut((), 2) == [()]
