"""Computes a Fibonacci number several times, one after another."""

import time

from computations import compute, read_command_line


def main():
    options = read_command_line()
    start = time.perf_counter()
    results = [compute(options.number) for _ in range(options.jobs)]
    print(f"fib({options.number}) = {results[0]}, {len(results)} times")
    print(f"Completed in {time.perf_counter() - start:.2f}s")


if __name__ == "__main__":
    main()
