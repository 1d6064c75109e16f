"""The recorded wires: every exchange of a corpus is decoded and compared with what its reply says."""
