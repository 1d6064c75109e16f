"""Models that read a text and write none: vectors, classes, entailment, scores of pairs; numpy and onnxruntime."""
