"""Study cards and configuration: read, checked, explained in one line."""
