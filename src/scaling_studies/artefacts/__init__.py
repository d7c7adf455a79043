"""Files that a run makes: written whole, with a checksum and what they were made from."""
