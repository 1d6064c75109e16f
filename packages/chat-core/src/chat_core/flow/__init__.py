"""The flow layer: what happens in which order, written once as generators, and the two drivers that run them."""
