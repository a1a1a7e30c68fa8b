"""Benchmarks: speed as a ratio against a peer in the same run, and the differences in the results."""
