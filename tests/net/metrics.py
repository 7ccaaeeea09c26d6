#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a page in Prometheus's text format 0.0.4, strictly.

metrics.py check PAGE               is it well formed and consistent
metrics.py sum PAGE METRIC L="V"... the sum of the samples with these labels
metrics.py dashboard PAGE JSON      is every metric of the dashboard there
metrics.py queries PAGE JSON        its queries, one a line
metrics.py rises OLD NEW            did no counter fall, and none vanish
metrics.py table PAGE               METRIC, type and help, one a line
"""
import json
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
SAMPLE = re.compile(r"(%s)(?:\{(.*)\})? ([0-9.]+|\+Inf|NaN)$" % NAME)
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


def read(path):
    """{family: (type, help, [(name, labels, value)])} in order."""
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read()
    assert text.endswith("\n") and "\r" not in text, "line ends"
    families, kind, helps, now = {}, {}, {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            now, helps_text = line[7:].split(" ", 1)
            assert now not in families, "twice: " + now
            families[now], helps[now] = [], helps_text
            continue
        if line.startswith("# TYPE "):
            name, kind[name] = line[7:].split(" ", 1)
            assert name == now and not families[name], line
            continue
        m = SAMPLE.match(line)
        assert m, "not a sample: " + line
        labels, rest = {}, m.group(2) or ""
        while rest:
            part = LABEL.match(rest)
            assert part and part.group(1) not in labels, line
            labels[part.group(1)] = part.group(2)
            rest = rest[part.end():]
        allowed = [now + s for s in SUFFIXES.get(kind[now], ("",))]
        assert m.group(1) in allowed, "outside of its family: " + line
        families[now].append((m.group(1), labels, float(m.group(3))))
    return {n: (kind[n], helps[n], s) for n, s in families.items()}


def key(labels, without=()):
    return tuple(sorted(i for i in labels.items() if i[0] not in without))


def check_histogram(name, samples):
    rows = {}
    for sample, labels, value in samples:
        row = rows.setdefault(key(labels, ("le",)), {"le": []})
        if sample.endswith("_bucket"):
            row["le"].append((float(labels["le"]), value))
        else:
            row[sample[len(name):]] = value
    for labels, row in rows.items():
        bounds = [le for le, _ in row["le"]]
        counts = [v for _, v in row["le"]]
        assert bounds == sorted(set(bounds)) and bounds[-1] == float("inf"), \
            (name, labels)
        assert counts == sorted(counts), (name, labels, "not cumulative")
        assert counts[-1] == row["_count"] and "_sum" in row, (name, labels)


def check(page):
    for name, (kind, text, samples) in page.items():
        assert kind in ("counter", "gauge", "histogram"), name
        assert text.endswith(".") and name.startswith("openwad_"), name
        assert name.endswith("_total") == (kind == "counter"), name
        seen = [(n, key(labels)) for n, labels, _ in samples]
        assert len(seen) == len(set(seen)), "twice: " + name
        if kind == "histogram":
            assert name.endswith("_seconds"), name
            check_histogram(name, samples)


def total(page, metric, wanted):
    labels = dict(re.match(r'(\w+)="(.*)"$', w).groups() for w in wanted)
    value = sum(v for _, _, samples in page.values() for n, have, v in samples
                if n == metric and labels.items() <= have.items())
    print("%d" % value if value == int(value) else "%.6f" % value)


def queries(node):
    """Every query of a dashboard, wherever it is."""
    if isinstance(node, dict):
        for k, v in node.items():
            if k in ("expr", "query") and isinstance(v, str):
                yield v
            else:
                yield from queries(v)
    elif isinstance(node, list):
        for v in node:
            yield from queries(v)


def dashboard(page, path):
    names = {n for _, _, samples in page.values() for n, _, _ in samples}
    names |= set(page)
    labels = {label for _, _, s in page.values() for _, have, _ in s
              for label in have} | {"instance", "job"}
    used = set()
    with open(path, encoding="utf-8") as f:
        board = json.load(f)
    for q in queries(board):
        here = re.findall(r"\bopenwad_[a-z_]+", q)
        assert here or q == "prometheus", "no metric in: " + q
        for name in here:
            assert name in names, "no such metric: " + name
            used.add(re.sub(r"_(bucket|sum|count)$", "", name))
        for group in re.findall(r"by \(([^)]*)\)", q):
            for label in re.split(r", *", group):
                assert label in labels, "no such label: %s in %s" % (label, q)
        for label in re.findall(r"[{,] *(\w+) *=", q):
            assert label in labels, "no such label: %s in %s" % (label, q)
    assert len(used) > 20, used
    ids = [p["id"] for p in board["panels"]]
    assert len(ids) == len(set(ids)), "panel ids"


def show_queries(path):
    with open(path, encoding="utf-8") as f:
        for q in queries(json.load(f)):
            if q != "prometheus" and not q.startswith("label_values"):
                print(q.replace("$__rate_interval", "1m")
                      .replace("$instance", ".*"))


def rises(old, new):
    for name, (kind, _, samples) in old.items():
        if kind == "gauge":
            continue
        now = {(n, key(labels)): v for n, labels, v in new[name][2]}
        for n, labels, value in samples:
            k = (n, key(labels))
            assert k in now, ("gone", k)
            assert now[k] >= value, ("fell", k, value, now[k])


def main(argv):
    page = read(argv[2])
    if argv[1] == "check":
        check(page)
    elif argv[1] == "sum":
        total(page, argv[3], argv[4:])
    elif argv[1] == "dashboard":
        dashboard(page, argv[3])
    elif argv[1] == "queries":
        show_queries(argv[3])
    elif argv[1] == "rises":
        rises(page, read(argv[3]))
    elif argv[1] == "table":
        for name, (kind, text, _) in page.items():
            print("%s\t%s\t%s" % (name, kind, text))
    else:
        return 2
    return 0


sys.exit(main(sys.argv))
