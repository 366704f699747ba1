"""Computes a Fibonacci number several times, on an event loop where every call is awaited."""

import asyncio
import time

from computations import read_command_line


async def fib(number):
    return number if number < 2 else await fib(number - 2) + await fib(number - 1)


async def compute_all(number, jobs):
    return await asyncio.gather(*(fib(number) for _ in range(jobs)))


def main():
    options = read_command_line()
    start = time.perf_counter()
    results = asyncio.run(compute_all(options.number, options.jobs))
    print(f"fib({options.number}) = {results[0]}, {len(results)} times")
    print(f"Completed in {time.perf_counter() - start:.2f}s")


if __name__ == "__main__":
    main()
