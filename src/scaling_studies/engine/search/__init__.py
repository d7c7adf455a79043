"""Finding the optimum of an objective, and the evidence that it is one."""
