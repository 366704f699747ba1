"""Computes a Fibonacci number several times, with a pool of threads."""

import time
from concurrent.futures import ThreadPoolExecutor

from computations import compute, read_command_line


def main():
    options = read_command_line(has_workers=True)
    start = time.perf_counter()
    with ThreadPoolExecutor(options.workers) as pool:
        results = list(pool.map(compute, [options.number] * options.jobs))
    print(f"fib({options.number}) = {results[0]}, {len(results)} times")
    print(f"Completed in {time.perf_counter() - start:.2f}s")


if __name__ == "__main__":
    main()
