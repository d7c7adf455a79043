"""The same fit under every combination of the choices that apply."""
