"""The bench measures what it promises."""
