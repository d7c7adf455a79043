"""Plans of runs: which recipe needs less compute, which law to trust, which runs come next."""
