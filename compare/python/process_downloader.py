"""Downloads pages with a pool of processes, over a session for each process."""

import time
from concurrent.futures import ProcessPoolExecutor

import requests
from downloads import read_command_line


def open_session():
    global session
    session = requests.Session()


def fetch_page(url):
    with session.get(url) as response:
        print(f"Fetched {len(response.content)} bytes from {url}", flush=True)


def main():
    options = read_command_line(workers=5)
    start = time.perf_counter()
    with ProcessPoolExecutor(options.workers, initializer=open_session) as pool:
        pool.map(fetch_page, options.urls)  # what it returns, nobody looks at
    print(f"Fetched {len(options.urls)} pages in {time.perf_counter() - start:.2f}s")


if __name__ == "__main__":
    main()
