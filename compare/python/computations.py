"""What the four programs that compute are asked to do, and the job that they do."""

import argparse
import contextlib
import os
import threading
import time


def read_command_line(number=35, has_workers=False):
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, default=number)
    parser.add_argument("--jobs", type=int, default=20)
    if has_workers:
        parser.add_argument("--workers", type=int, default=os.cpu_count())
    return parser.parse_args()


@contextlib.contextmanager
def noted(job):
    """Adds a job to the file that the variable JOB_LOG names, if there is one."""
    start = time.time_ns()
    yield
    if "JOB_LOG" in os.environ:
        thread = f"{os.getpid()} {threading.get_ident()}"
        with open(os.environ["JOB_LOG"], "a") as log:
            log.write(f"{thread}\t{start}\t{time.time_ns()}\t{job}\n")


def fib(number):
    return number if number < 2 else fib(number - 2) + fib(number - 1)


def compute(number):
    with noted(f"fib({number})"):
        return fib(number)
