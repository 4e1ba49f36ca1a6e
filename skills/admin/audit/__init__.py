"""The trail of changes, and who read what, as the office reads it."""
