"""Questions about runs, one module a question: what a law says, predicts, and advises.

Each takes runs as a path, a frame or `reading.OwnRuns`, and returns an answer that knows its text
for people, its object for programs, its page and its figure. No card and no file of the workflow
is needed.
"""
