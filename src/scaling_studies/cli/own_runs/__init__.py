"""What `new` makes a card of: tables as trackers export them, what their columns are, the card."""
