"""The map in time, to be read: what lay in what on a day, what came of it, how many doors."""
