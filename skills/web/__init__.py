"""The web kit: everything that knows HTTP, so that a route can be four lines."""
