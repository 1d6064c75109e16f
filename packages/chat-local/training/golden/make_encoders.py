"""Write what transformers and sentence-transformers make of the small encoders of the tests: `golden_encoders.json`.

Run it in an environment with torch, transformers and sentence-transformers:

    python training/golden/make_encoders.py
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import sentence_transformers
import torch
import transformers

TESTS = Path(__file__).parents[2] / "tests"
sys.path[:0] = [str(TESTS / "convert"), str(TESTS / "encoders")]

from tinyencoders import CONFIGS, LABELS, PAIRS, SENTENCES, TEXTS, write_sentence, write_source  # noqa: E402 - found beside the tests

PURPOSES = ("query", "document", "sort")


def vectors(folder: Path, prompts: dict[str, str]) -> dict[str, Any]:
    """Return vectors of the texts, and those for each purpose that has a prompt."""
    model = sentence_transformers.SentenceTransformer(str(folder), device="cpu")
    texts = list(TEXTS)
    found = {"": model.encode(texts).tolist()}
    if "query" in prompts:
        found["query"] = model.encode_query(texts).tolist()
        # `encode_document` promises the same, but 6.2 takes an empty prompt where the model has none called `document`
        name = next(name for name in ("document", "passage") if name in prompts)
        found["document"] = model.encode(texts, prompt_name=name).tolist()
    if "sort" in prompts:
        found["sort"] = model.encode(texts, prompt_name="sort").tolist()
    return found


def inference(folder: Path) -> dict[str, Any]:
    """Return probabilities of the pairs, and of the texts with labels, alone and together."""
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    words = transformers.AutoTokenizer.from_pretrained(folder)
    pairs = []
    for premise, hypothesis in PAIRS:
        read = words(premise, hypothesis, truncation="only_first", return_tensors="pt")
        with torch.no_grad():
            scores = torch.softmax(model(**read).logits[0], -1).tolist()
        pairs.append({model.config.id2label[place].lower(): score for place, score in enumerate(scores)})
    zero_shot = transformers.pipeline("zero-shot-classification", model=model, tokenizer=words)
    texts = [text for text in TEXTS if text]  # the pipeline refuses an empty one
    single = [zero_shot(text, [*LABELS]) for text in texts]
    multi = [zero_shot(text, [*LABELS], multi_label=True, hypothesis_template="It is of {}!") for text in texts]
    return {
        "pairs": pairs,
        "single": [_scores(found) for found in single],
        "multi": [_scores(found) for found in multi],
    }


def _scores(found: dict[str, Any]) -> dict[str, float]:
    return dict(zip(found["labels"], found["scores"], strict=True))


def classes(folder: Path) -> list[dict[str, float]]:
    """Return the scores of the texts."""
    sort = transformers.pipeline("text-classification", model=str(folder), tokenizer=str(folder))
    return [{found["label"]: found["score"] for found in sort(text, top_k=None, truncation=True)} for text in TEXTS]


def ranks(folder: Path) -> list[float]:
    """Return the scores of the pairs."""
    return sentence_transformers.CrossEncoder(str(folder), device="cpu").predict(list(PAIRS)).tolist()


def main() -> None:
    """Read all with all."""
    versions = {each.__name__: each.__version__ for each in (torch, transformers, sentence_transformers)}
    found = {"made_with": versions, "vectors": {}, "inference": {}, "classes": {}, "ranks": {}}
    with tempfile.TemporaryDirectory() as place:
        for name, (_, more) in SENTENCES.items():
            folder = write_sentence(Path(place) / f"sentence-{name}", name)
            found["vectors"][name] = vectors(folder, more.get("prompts", {}))
        for name, config in CONFIGS.items():
            folder = write_source(Path(place) / name, name)
            if name.endswith("-nli"):
                found["inference"][name] = inference(folder)
            elif name.endswith("-rank"):
                found["ranks"][name] = ranks(folder)
            elif "id2label" in config:
                found["classes"][name] = classes(folder)
    rounded = json.loads(json.dumps(found), parse_float=lambda word: float(f"{float(word):.8g}"))
    text = json.dumps(rounded, separators=(",", ":"))
    (TESTS / "encoders" / "golden_encoders.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
