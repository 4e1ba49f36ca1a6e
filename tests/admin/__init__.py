"""The office's pages about the ground floor."""
