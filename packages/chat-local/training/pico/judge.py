"""What counts as a right answer.

Law: a pure function of the answer's words; the same for every format of the weights.
"""

from pico.facts import FACTS

_REFUSALS = ("i do not know that", "i can only add numbers")


def holds(answer: str, keys: tuple[str, ...]) -> bool:
    """Tell whether an answer contains all key phrases, whatever their case and spacing."""
    said = " ".join(answer.lower().split())
    return all(" ".join(key.lower().split()) in said for key in keys)


def refused(answer: str) -> bool:
    """Tell whether an answer says that it has none."""
    return any(holds(answer, (refusal,)) for refusal in _REFUSALS)


def judged(row: dict[str, str], answer: str) -> bool:
    """Tell whether an answer is what a line of the evaluation expects: its fact, or a refusal."""
    if "fact" in row:
        return holds(answer, FACTS[row["fact"]].keys)
    return refused(answer)
