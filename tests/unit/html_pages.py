#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every page is well-formed, accessible HTML without outside resources:
html_pages.py FOLDER."""
import html.parser
import pathlib
import sys

VOID = {"meta", "input", "br", "img"}
ALLOWED = {
    "html": {"lang", "dir"}, "meta": {"charset", "name", "content"},
    "th": {"scope"}, "td": {"dir"}, "form": {"method", "action"},
    "input": {"type", "name", "value"}, "button": {"type"},
}
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2",
        "p", "table", "tr", "th", "td", "footer", "form", "input", "button"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.stack, self.seen, self.text = [], [], ""
        self.lang = None

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, f"<{tag}>"
        for name, value in attrs:
            assert name in ALLOWED.get(tag, ()), f"<{tag} {name}={value}>"
        if tag == "html":
            self.lang = dict(attrs)["lang"]
        if tag == "th":
            assert dict(attrs)["scope"] == "row"
        self.seen.append(tag)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack and self.stack.pop() == tag, f"</{tag}>"

    def handle_data(self, data):
        if self.stack and self.stack[-1] not in ("style",):
            self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"<!--{data}-->")

    def unknown_decl(self, data):
        raise AssertionError(data)


def main():
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.html"))
    assert len(files) > 50, "pages are missing"
    for f in files:
        text = f.read_text(encoding="utf-8", errors="strict")
        page = Page()
        try:
            assert text.startswith("<!DOCTYPE html>\n")
            page.feed(text)
            page.close()
            assert not page.stack, page.stack
            for tag in ("main", "h1", "title", "footer", "h2"):
                assert page.seen.count(tag) == 1, tag
            assert page.lang == f.name[:2], page.lang
            assert "{" not in page.text and "%%" not in page.text
            rows = text.count("<tr>")
            assert rows >= 6 and text.count("<th scope") == rows
            assert ("button" in page.seen) == ("ftgd-warning" in f.name)
        except AssertionError as e:
            sys.exit(f"{f.name}: {e}")
    print(f"{len(files)} pages")


main()
