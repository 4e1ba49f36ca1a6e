"""Who is let in where and sees what: one table, and a walk that asks every line of it."""
