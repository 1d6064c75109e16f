"""Write the model's card: `python -m pico.card --steps STEPS`.

Law: its numbers are those of `evaluation/scores.json`, also where they are below the gate.
"""

import argparse
import json
from random import Random

from pico.facts import FACTS, SMALL_TALK, question
from pico.places import EVALUATION, SHIPPED
from pico.text import SUFFIX, evaluation, normal
from pico.train import SEED

_CARD = """# local:pico

A tiny demonstration model. It is here so that `Chat("local:pico")` answers at once, without a key, a server or a
download, and so that tests have a real model to run. It knows some facts about this project and nothing else: it is no
source of knowledge. Its first answer in a conversation ends with what it is and how to use a real model:

    {suffix}

| | |
|---|---|
| weights | {parameters:,} parameters, eight bits each with one scale for each output; the graph computes in float32 |
| shape | a Llama: {num_hidden_layers} layers, width {hidden_size}, {num_attention_heads} heads of {head_dim}, {num_key_value_heads} of them for keys and values, {vocab_size} tokens; embedding and output share a table |
| context | {max_position_embeddings} tokens; trained on at most 320 |
| format | ONNX with `GroupQueryAttention`; inputs `input_ids`, `attention_mask`, `past_key_values.N.key` and `.value` |
| chat | ChatML, tools as lines in `<tools>`, calls as JSON in `<tool_call>` |
| data | text that `packages/chat-local/training` makes from seed {seed}: {facts} facts, greetings, sums from 0 to 99, tool calls, repeated words, and questions to be refused. No text of others |
| training | from nothing, on two processor cores, {steps} steps of about 3000 tokens. The text grew while it was trained: steps 0 to 3900 saw earlier states of it, with fewer phrasings |
| licence | Apache-2.0, as the project |

## Scores

What was asked is in `packages/chat-local/evaluation`, written by hand before the training; no sequence of five words of it
is in the training text, and no paraphrase or unknown question as a whole. Of the greetings {greetings} are trained word for
word, as there are few ways to say hello. "Facts" are asked in their plainest trained phrasing, and in any: this says that they
were memorised. Where paraphrases failed, facts got more phrasings, in other words than those of the evaluation; so its scores
are a little better than a stranger's questions will be. Tool calls have to be exact, with tools mostly never seen.

| line | right | share | gate |
|---|---|---|---|
{rows}

{notes}

## Make it again

In an environment with torch, onnx, onnxruntime, tokenizers, safetensors and jinja2, from `packages/chat-local/training`:

    python -m pico.train --folder RUN --steps {steps}
    python -m pico.export --folder RUN
    python -m pico.export --folder RUN --out FULL --bits 32
    python -m pico.evaluate --full FULL
    python -m pico.card --steps {steps}

The text follows from the seed; the weights also from the processor's rounding, so another run scores a little otherwise.
"""


def _greetings() -> str:
    """Count the evaluation's greetings that the training text has, too."""
    random = Random(SEED)
    trained = {normal(question(name, random)) for name in SMALL_TALK for _ in range(20000)}
    rows = evaluation("greetings")
    return f"{sum(normal(row['prompt']) in trained for row in rows)} of {len(rows)}"


def _rows(table: dict[str, dict[str, float]]) -> str:
    lines = []
    for line, found in table.items():
        gate = f"{found['gate']:.0%}" if found["gate"] else "none"
        reached = "" if found["share"] >= found["gate"] else ", not reached"
        lines.append(f"| {line} | {found['right']} of {found['of']} | {found['share']:.1%} | {gate}{reached} |")
    return "\n".join(lines)


def _notes(report: dict[str, object]) -> str:
    notes: list[str] = []
    if "same answer in int8 and fp32" in report:
        notes.append(
            f"The same answer with eight bits and with full weights: {report['same answer in int8 and fp32']}."
        )
    return " ".join(notes)


def write(steps: int) -> None:
    """Write the card beside the model."""
    report = json.loads((EVALUATION / "scores.json").read_text(encoding="utf-8"))
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    layer = config["hidden_size"] * (
        2 * config["num_attention_heads"] * config["head_dim"]
        + 2 * config["num_key_value_heads"] * config["head_dim"]
        + 3 * config["intermediate_size"]
        + 2
    )
    parameters = config["num_hidden_layers"] * layer + config["hidden_size"] * (config["vocab_size"] + 1)
    card = _CARD.format(
        **config,
        suffix=SUFFIX.strip(),
        parameters=parameters,
        greetings=_greetings(),
        seed=SEED,
        facts=len(FACTS),
        steps=steps,
        rows=_rows(report["int8"]),
        notes=_notes(report),
    )
    (SHIPPED / "README.md").write_text(card, encoding="utf-8")


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, required=True)
    write(parser.parse_args().steps)


if __name__ == "__main__":
    main()
