"""Teams as an office sees and changes them: decisions, members from day to day, residential groups, hand-over."""
