"""The engine: runs one model's graph, many answers at once. It knows no messages, only tokens."""
