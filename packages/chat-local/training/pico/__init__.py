"""Make the demonstration model `local:pico`: its text, its training, its files, its scores.

Law: nothing of this is in the wheel, and everything follows from a seed.
"""
