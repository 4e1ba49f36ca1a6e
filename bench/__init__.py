"""How fast, how light and how large: measured on a made city, each figure beside what the machine itself can do.

`python -m bench` (or `make bench`) makes the city or takes one that is there, measures, and writes a table and a JSON file.
A figure in milliseconds says little about another machine. Its ratio to the machine's own limit, measured in the same run,
says how much of the time is ours. Nothing here is a test: no run fails for being slow.
"""
