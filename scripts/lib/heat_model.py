#!/usr/bin/env python3
"""What an order could save at best, if the rate of every page were known: the model behind docs/heat.md.

A page that is used, or written, at random moments at a rate r is so at least once in a time t with probability 1 - exp(-rt).
"""

import argparse
import math
import random


def page_shares(keys, keys_a_page):
    """The share of all requests that each page gets: Zipf 0.99 over keys that lie scattered."""
    weights = [rank ** -0.99 for rank in range(1, keys + 1)]
    total = sum(weights)
    random.Random(1).shuffle(weights)
    return [sum(weights[at:at + keys_a_page]) / total for at in range(0, keys - keys_a_page + 1, keys_a_page)]


def hit(rate, seconds):
    return 1 - math.exp(-rate * seconds)


def sent_twice(shares, writes, put_off):
    """Pages that are sent more than once, if so many of those that are written most are put off, and 128 of them to the end."""
    first_pass = ARGS.first_pass + put_off * ARGS.cut_us / 1e6
    late = put_off * ARGS.page_us / 1e6
    ranked = sorted((share * writes for share in shares), reverse=True)
    twice = 0.0
    for at, rate in enumerate(ranked[:put_off]):
        if at >= 128:
            twice += hit(rate, late * at / put_off + ARGS.switch)
    # Where in the first pass a page of the others goes has nothing to do with how often it is written.
    return twice + sum(hit(rate, first_pass / 2 + ARGS.verify + late + ARGS.switch) for rate in ranked[put_off:])


def faults(shares, requests, block, singles):
    """
    Pages that a thread waits for while all are filled in blocks of so many: by how much the pages of a block are used together,
    once the hottest have come one by one. By address, if the block is 0.
    """
    rates = [share * requests for share in shares]
    if block == 0:
        return sum(hit(rate, ARGS.fill * at / len(rates)) for at, rate in enumerate(rates))
    hottest = sorted(rates)[-singles] if singles else math.inf
    rates = [0 if rate >= hottest else rate for rate in rates]
    blocks = [rates[at:at + block] for at in range(0, len(rates) - block + 1, block)]
    blocks.sort(key=lambda rates_of: sum(min(rate, ARGS.saturation) for rate in rates_of), reverse=True)
    return sum(hit(rate, ARGS.fill * at / len(blocks)) for at, rates_of in enumerate(blocks) for rate in rates_of)


def main():
    shares = page_shares(ARGS.keys, ARGS.keys_a_page)
    with_index = list(shares)
    step = len(shares) // ARGS.index_pages
    for at in range(0, len(shares), step):
        with_index.insert(at + at // step, 1 / ARGS.index_pages)
    print("sent twice, of what is sent twice if nothing is put off:")
    for writes in (100, 400, 1000, 3000):
        none = sent_twice(shares, writes, 0)
        row = ", ".join(f"{count}: {sent_twice(shares, writes, count) / none:.2f}" for count in (128, 256, 640, 2048))
        print(f"  {writes:5d} writes/s: {none:4.0f} pages; put off {row}")
    print("faults while all is filled, of those by address:")
    by_address = faults(with_index, ARGS.requests, 0, 0)
    for block in (1, 16, 64, 256):
        ratios = [f"{faults(with_index, ARGS.requests, block, singles) / by_address:.2f}" for singles in (0, 512)]
        print(f"  blocks of {block:3d}: {ratios[0]}; after the 512 hottest pages {ratios[1]}")


parser = argparse.ArgumentParser()
parser.add_argument("--keys", type=int, default=90000)
parser.add_argument("--keys-a-page", type=int, default=3)
parser.add_argument("--index-pages", type=int, default=360, help="of the store, scattered, of which each request reads one")
parser.add_argument("--requests", type=float, default=4000, help="a second")
parser.add_argument("--first-pass", type=float, default=0.1, help="seconds, as are the next three")
parser.add_argument("--verify", type=float, default=0.12)
parser.add_argument("--switch", type=float, default=0.035)
parser.add_argument("--fill", type=float, default=0.2)
parser.add_argument("--saturation", type=float, default=5.5, help="uses a second above which a sampled page tells no more")
parser.add_argument("--page-us", type=float, default=30, help="of a page that is sent by itself")
parser.add_argument("--cut-us", type=float, default=20, help="of a run that is cut in two")
ARGS = parser.parse_args()
if __name__ == "__main__":
    main()
