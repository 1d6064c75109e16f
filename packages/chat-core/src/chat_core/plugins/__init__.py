"""The plugin layer: what installed packages add. Metadata is the index, hooks are the behaviour."""
