"""JSON Schema: of types (`typed`, the one file that knows pydantic), written by hand (`raw`), and faults in words."""
