"""Write what transformers answers with the small models of the tests: `golden.json`.

Run it in an environment with torch and transformers:

    python training/golden/make.py
"""

import json
import sys
from pathlib import Path

import torch
import transformers

TESTS = Path(__file__).parents[2] / "tests" / "convert"
sys.path.insert(0, str(TESTS))

from tinyweights import CONFIGS, PROMPTS, tensors  # noqa: E402 - found beside the tests

COUNT = 64


def main() -> None:
    """Answer every prompt with every model, the likeliest token each time."""
    found = {}
    for name, config in CONFIGS.items():
        known = {key: value for key, value in config.items() if key not in {"model_type", "architectures"}}
        made = getattr(transformers, config["architectures"][0])
        model = made(made.config_class(**known, attn_implementation="eager")).eval()
        state = {key: torch.from_numpy(value) for key, value in tensors(config).items()}
        missing, strange = model.load_state_dict(state, strict=False)
        if strange or set(missing) - {"lm_head.weight"}:
            raise SystemExit(f"{name}: missing {missing}, strange {strange}")
        model.tie_weights()
        answers = []
        for prompt in PROMPTS:
            ids = list(prompt)
            with torch.no_grad():
                for _ in range(COUNT):
                    ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
            answers.append(ids[len(prompt) :])
        found[name] = answers
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    text = json.dumps({"made_with": versions, "answers": found})
    (TESTS / "golden.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
