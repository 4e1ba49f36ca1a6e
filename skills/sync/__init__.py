"""What a phone takes into the field, and what it brings back."""
