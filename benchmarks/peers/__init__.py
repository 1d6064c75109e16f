"""Other libraries as contenders, each run by the interpreter of an environment of its own, without this workspace."""
