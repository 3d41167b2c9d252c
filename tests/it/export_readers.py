"""What other people's readers block by exported lists: python-hosts for a hosts file, Brave's engine for ad block filters.

A folder with `xx.hosts`, `xx.adblock` and `names` (one a line) in; a line for each of the names out: the name, whether the
hosts file sends it nowhere, whether the filters block a page of it, and whether they block one of `www.` before it.
"""

import sys

import adblock
from python_hosts import Hosts


def main():
    folder = sys.argv[1]
    entries = Hosts(path=f"{folder}/xx.hosts").entries
    nowhere = {name for entry in entries if entry.entry_type == "ipv4" and entry.address == "0.0.0.0"
               for name in entry.names}
    filters = adblock.FilterSet()
    with open(f"{folder}/xx.adblock", encoding="utf-8") as file:
        filters.add_filter_list(file.read())
    engine = adblock.Engine(filters)

    def blocks(host):
        return engine.check_network_urls(f"http://{host}/a", "http://elsewhere.example/", "document").matched

    with open(f"{folder}/names", encoding="utf-8") as file:
        for name in file.read().split():
            print(name, name in nowhere, blocks(name), blocks(f"www.{name}"))


main()
