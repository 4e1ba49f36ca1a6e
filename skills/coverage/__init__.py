"""The ward lead's desk: the tray of what waits for the ward to say whose or where it is, and the phones not heard from."""
