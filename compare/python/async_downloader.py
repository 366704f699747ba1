"""Downloads pages on one thread: an event loop, and a coroutine for every page."""

import asyncio
import time

import aiohttp
from downloads import read_command_line


async def fetch_page(session, url):
    async with session.get(url) as response:
        print(f"Fetched {len(await response.read())} bytes from {url}")


async def fetch_all(urls, workers):
    connector = aiohttp.TCPConnector(limit=workers)
    async with aiohttp.ClientSession(connector=connector) as session:
        downloads = (fetch_page(session, url) for url in urls)
        await asyncio.gather(*downloads, return_exceptions=True)


def main():
    options = read_command_line(workers=100)
    start = time.perf_counter()
    asyncio.run(fetch_all(options.urls, options.workers))
    print(f"Fetched {len(options.urls)} pages in {time.perf_counter() - start:.2f}s")


if __name__ == "__main__":
    main()
