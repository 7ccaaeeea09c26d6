#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads log messages as a log server got them, with a reader of their form.

logread.py FORM FILE: checks every line strictly and prints of each one
`eventtime logid type subtype level`, the same whatever the form.
"""
import csv
import json
import re
import sys

LEVELS = ("emergency alert critical error warning notice information "
          "debug").split()
PAIR = re.compile(r'([A-Za-z0-9_-]+)=("([^"]*)"|[^ "]*)(?: |$)')


def pairs(text):
    """key=value key="value" ..., nothing else between them."""
    out, at = {}, 0
    while at < len(text):
        m = PAIR.match(text, at)
        if not m:
            raise ValueError("no pair at: " + text[at:at + 40])
        out[m[1]] = m[3] if m[3] is not None else m[2]
        at = m.end()
    return out


def default(text):
    fields = pairs(text)
    keys = list(fields)
    assert keys[:5] == ["date", "time", "devname", "devid", "eventtime"], keys
    return fields


def csv_row(text):
    rows = list(csv.reader([text], strict=True))
    assert len(rows) == 1
    out = {}
    for cell in rows[0]:
        key, value = cell.split("=", 1)
        out[key] = value.strip('"')
    return out


def rfc5424(text):
    """RFC 5424 section 6: VERSION TIMESTAMP HOST APP PROCID MSGID SD MSG."""
    head = text.split(" ", 7)
    assert head[0] == "1", head
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z",
                        head[1]), head
    assert re.fullmatch(r"[!-~]{1,255}", head[2]) and head[3:7] == ["-"] * 4
    fields = pairs(head[7])
    assert "date" not in fields and "devname" not in fields
    return fields


def json_object(text):
    out = json.loads(text)
    assert isinstance(out, dict)
    assert all(isinstance(v, (str, int)) for v in out.values())
    return {k: str(v) for k, v in out.items()}


def unescape(text, marks):
    return re.sub(r"\\([" + re.escape(marks) + "])", r"\1", text)


def cef(text):
    """ArcSight's rules: seven header fields divided by bars, then key=value
    where a value ends before the next ` key=`; \\ escapes | in the header,
    = in values, and itself."""
    m = re.fullmatch(r"[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d \S+ CEF: 0\|"
                     r"((?:(?:[^|\\]|\\.)*\|){6})(.*)", text)
    assert m, text
    head = [unescape(x, "|\\") for x in
            re.findall(r"((?:[^|\\]|\\.)*)\|", m[1])]
    out = {}
    for part in re.finditer(r"([A-Za-z0-9_.]+)=((?:[^=\\]|\\.)*?)"
                            r"(?= [A-Za-z0-9_.]+=|$)", m[2]):
        out[part[1]] = unescape(part[2], "=\\")
    assert head[3] == out["FTNTFGTlogid"][-5:], head
    assert int(head[5]) == 8 - LEVELS.index(out["FTNTFGTlevel"]), head
    kind, sub = out["cat"].split(":")
    assert sub == out["FTNTFGTsubtype"] and head[4].startswith(out["cat"])
    return {"eventtime": out["FTNTFGTeventtime"], "type": kind,
            "logid": out["FTNTFGTlogid"], "subtype": sub,
            "level": out["FTNTFGTlevel"]}


READERS = {"default": default, "csv": csv_row, "rfc5424": rfc5424,
           "json": json_object, "cef": cef}


def main():
    form, path = sys.argv[1:]
    for line in open(path, "rb"):
        text = line.rstrip(b"\n").decode("ascii")
        assert all(" " <= c <= "~" for c in text), text
        if form != "file":
            pri, text = re.fullmatch(r"<(\d{1,3})>(.*)", text).groups()
        fields = READERS.get(form, pairs)(text)
        if form != "file":
            assert int(pri) % 8 == LEVELS.index(fields["level"]), line
        print(*(fields[k] for k in
                ("eventtime", "logid", "type", "subtype", "level")))


main()
