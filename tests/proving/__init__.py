"""The library against servers that others wrote, and against one on loopback that misbehaves as no real one would."""
