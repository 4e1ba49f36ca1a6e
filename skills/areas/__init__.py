"""The map in time: areas with dated parents, the blocks they are made of, and the changes that merge, cut, rename and regroup them."""
