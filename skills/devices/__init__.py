"""The second day: who opens this phone with a PIN, and the phones and sessions that somebody has."""
