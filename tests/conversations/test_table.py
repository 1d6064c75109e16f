from __future__ import annotations

import re
from pathlib import Path

from tests.conversations import test_demo, test_scenarios
from tests.conversations.freedoms import EXCEPTIONS
from tests.conversations.recorded import conversations
from tests.conversations.table import LACKS, lines, titles
from tests.wire.corpus import CorpusMissing, folder

PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "conversations.md"


def test_the_table_of_the_page_says_what_the_tests_prove() -> None:
    written = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    try:
        recorded = list(conversations(folder()))
    except CorpusMissing:
        recorded = None
        written = [re.sub(r"\d+ recorded, ", "", line) for line in written]
    assert written == list(lines(test_scenarios, test_demo, recorded))


def test_what_a_wire_lacks_is_said_of_scenarios_that_there_are() -> None:
    assert {scenario for scenario, _ in LACKS} <= set(titles(test_scenarios))
    assert set(titles(test_demo)) <= set(titles(test_scenarios))


def test_the_page_names_every_client_that_sent_another_answer_than_it_got() -> None:
    text = PAGE.read_text(encoding="utf-8")
    clients = {case.split("/")[1].split(".")[0] for case in EXCEPTIONS}
    assert [client for client in sorted(clients) if client not in text] == []
