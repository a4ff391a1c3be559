"""One file an arrow of the architecture's picture: load, decide (in the domain), commit."""
