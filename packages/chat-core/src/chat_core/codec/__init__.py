"""The codec layer: what providers implement, and the pure machinery they are made of. Nothing here does I/O."""
