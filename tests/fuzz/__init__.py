"""Fuzzing: framers, decoders and live codecs over damaged replies. `python -m tests.fuzz` goes on for longer."""
