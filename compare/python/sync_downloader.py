"""Downloads pages one after another, over one session."""

import time

import requests
from downloads import read_command_line


def fetch_page(session, url):
    with session.get(url) as response:
        print(f"Fetched {len(response.content)} bytes from {url}")


def fetch_all(urls):
    with requests.Session() as session:
        for url in urls:
            fetch_page(session, url)


def main():
    options = read_command_line()
    start = time.perf_counter()
    fetch_all(options.urls)
    print(f"Fetched {len(options.urls)} pages in {time.perf_counter() - start:.2f}s")


if __name__ == "__main__":
    main()
