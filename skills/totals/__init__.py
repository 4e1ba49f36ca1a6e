"""Totals: amounts per unit, period and measure, kept exact by the difference each change makes. Has never heard of a visit."""
