"""Where the evaluation is, and where the model's files go.

Law: the folder of the package is named here alone.
"""

from pathlib import Path

EVALUATION = Path(__file__).parents[2] / "evaluation"
SHIPPED = Path(__file__).parents[2] / "src/chat_local/pico"
