"""The proof that nothing is lost: phones, a server that fails in every way we know, and an oracle that counts afterwards."""
