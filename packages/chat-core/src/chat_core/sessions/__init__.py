"""Sessions: one conversation each, what of it is sent, and where it is kept; `session` and `asession` drive it."""
