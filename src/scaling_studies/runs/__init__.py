"""Raw tables to run tables: reading, units, checks, the contract, Parquet."""
