"""Endurance: much traffic over a service that fails at random. `python -m tests.endurance` goes on for longer."""
