"""How many people of the sensitive groups a residential group had in a month: counts, asked nowhere else."""
