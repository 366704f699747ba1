"""Computes a Fibonacci number several times, on an event loop where every call is awaited."""

import asyncio
import time

from computations import noted, read_command_line


async def fib(number):
    return number if number < 2 else await fib(number - 2) + await fib(number - 1)


async def compute(number):
    with noted(f"fib({number})"):
        return await fib(number)


async def main():
    options = read_command_line()
    start = time.perf_counter()
    jobs = [compute(options.number) for _ in range(options.jobs)]
    results = await asyncio.gather(*jobs)
    print(f"fib({options.number}) = {results[0]}, {len(results)} times")
    print(f"Completed in {time.perf_counter() - start:.2f}s")


if __name__ == "__main__":
    asyncio.run(main())
