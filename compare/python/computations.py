"""What the four programs that compute are asked to do: `--number N --jobs N [--workers N]`."""

import argparse
import os


def read_command_line(number=35, has_workers=False):
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, default=number)
    parser.add_argument("--jobs", type=int, default=20)
    if has_workers:
        parser.add_argument("--workers", type=int, default=os.cpu_count())
    return parser.parse_args()


def fib(number):
    return number if number < 2 else fib(number - 2) + fib(number - 1)
