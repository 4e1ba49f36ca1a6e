"""Từng Nhà: every lane, every door. The features of the house, each in a folder of its own; `docs/walk.md` leads through them."""
