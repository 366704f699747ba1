"""Downloads pages with a pool of threads, over a session for each thread."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from downloads import read_command_line

local = threading.local()


def fetch_page(url):
    if not hasattr(local, "session"):
        local.session = requests.Session()
    with local.session.get(url) as response:
        print(f"Fetched {len(response.content)} bytes from {url}")


def main():
    options = read_command_line(workers=5)
    start = time.perf_counter()
    with ThreadPoolExecutor(options.workers) as pool:
        pool.map(fetch_page, options.urls)  # what it returns, nobody looks at
    print(f"Fetched {len(options.urls)} pages in {time.perf_counter() - start:.2f}s")


if __name__ == "__main__":
    main()
