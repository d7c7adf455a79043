"""The same fit under the other choices that apply."""
