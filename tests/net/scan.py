#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges what sslscan and testssl.sh found.
scan.py sslscan FILE.xml | testssl FILE.json
Nothing above LOW (testssl), nothing but TLS 1.2 and 1.3 with AEAD and ECDHE
(sslscan)."""
import json
import re
import sys
import xml.etree.ElementTree as ET

# What testssl says of every private CA's leaf that lives a day: there is
# nothing to ask for its revocation, it is gone before a list would be.
# security_headers are the origin's, which the gateway does not make up.
OURS = {"cert_revocation", "cert_expirationStatus", "cert_notAfter",
        "security_headers"}
ABOVE = {"MEDIUM", "HIGH", "CRITICAL"}
# Asked for and not answered is no result either.
BROKEN = {"FATAL", "scanProblem"}

what, name = sys.argv[1:]
bad = []
if what == "testssl":
    with open(name, encoding="utf-8") as f:
        found = json.load(f)
    for f in found:
        base = f["id"].split(" ")[0]
        if f["severity"] in ABOVE and base not in OURS or \
                f["severity"] in BROKEN or base in BROKEN:
            bad.append("%(severity)s %(id)s: %(finding)s" % f)
    n = sum(f["severity"] == "OK" for f in found)
    print("testssl: %d findings, %d of them OK" % (len(found), n))
    if n < 20:
        bad.append("too few results for a scan")
else:
    test = ET.parse(name).getroot().find("ssltest")
    if test is None:
        sys.exit("sslscan found no server")
    for p in test.iter("protocol"):
        on = p.get("type") == "tls" and p.get("version") in ("1.2", "1.3")
        if (p.get("enabled") == "1") != on:
            bad.append("%s %s enabled: %s" % (
                p.get("type"), p.get("version"), p.get("enabled")))
    suites = [c.get("cipher") for c in test.iter("cipher")]
    for c in suites:
        if not re.match(r"TLS_|ECDHE-(ECDSA|RSA)-(AES\d+-GCM|CHACHA20)", c):
            bad.append("suite " + c)
    for h in test.iter("heartbleed"):
        if h.get("vulnerable") != "0":
            bad.append("heartbleed")
    for c in test.iter("compression"):
        if c.get("supported") != "0":
            bad.append("compression")
    for g in test.iter("group"):
        if int(g.get("bits")) < 128:
            bad.append("group " + g.get("name"))
    for s in test.iter("connection-signature-algorithm"):
        if re.search("sha1|md5|dsa_", s.get("name")) and \
                "ecdsa" not in s.get("name"):
            bad.append("signature " + s.get("name"))
    for c in test.iter("certificate"):
        if c.find("pk").get("error") != "false" or \
                not re.search("sha(256|384|512)", c.findtext(
                    "signature-algorithm", "").lower()):
            bad.append("certificate")
    print("sslscan: %d suites" % len(suites))
    if len(suites) < 4:
        bad.append("too few suites for a scan")
for b in bad:
    print("BAD " + b)
sys.exit(len(bad) > 0)
