"""All studies on common axes."""
