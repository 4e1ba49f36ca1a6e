"""The office's pages about the ground floor: people, teams, areas, the catalogue, the trail of changes."""
