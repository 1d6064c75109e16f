"""Measures what the packages cost, against the floor and against other libraries: `nox -s bench`.

Law: contenders are processes of their own that take turns in one run, so what else the machine does is shared. What
counts is the processor time of the client's process, the middle one of several rounds. Ratios are results; microseconds
are those of one machine.
"""
