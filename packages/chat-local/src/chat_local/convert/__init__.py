"""Makes ONNX graphs of published weights: numpy and `onnx`, no torch."""
