"""What is taught and to whom: the skills, the levels people reach in them, and the audience groups."""
