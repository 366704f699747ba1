"""What the four downloaders are asked to do: `URL... --pages N [--workers N]`."""

import argparse
import itertools


def read_command_line(workers=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", metavar="URL", nargs="+", help="fetch these in turn")
    parser.add_argument("--pages", type=int, default=160)
    if workers is not None:
        parser.add_argument("--workers", type=int, default=workers)
    options = parser.parse_args()
    options.urls = list(itertools.islice(itertools.cycle(options.urls), options.pages))
    return options
