"""Live sessions: what is decided while both sides speak; `livesession` and `alivesession` carry it out."""
