"""Doors: an address, the block it lies in, and the state that its visits gave it."""
