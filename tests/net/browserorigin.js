#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The origin of browserpage.html over HTTP/2, HTTP/1.1 and HTTP/1.1 without
// TLS, at a port each: scripts, styles, images and data, an echo over WebSocket
// (RFC 6455 and, over HTTP/2, RFC 8441), events, bodies by turns, downloads and
// uploads of any size.
//	browserorigin.js CERTIFICATES RESULTS H2-PORT H1-PORT PLAIN-PORT
// CERTIFICATES has NAME.crt and NAME.key.  What a page saw is posted to
// /result/NAME and written to RESULTS/NAME.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const http2 = require("http2");
const https = require("https");
const path = require("path");
const tls = require("tls");
const { frame, Frames } = require("./wsframe.js");

const [pki, dir, ...ports] = process.argv.slice(2);
const MIB = 1 << 20;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const RESET = Buffer.from("reset me");
const PLAIN = { "content-type": "text/plain", "cache-control": "no-store" };

// FNV-1a, as in browserpage.html.
class Sum {
	constructor()
	{
		this.bytes = 0;
		this.sum = 0x811c9dc5;
	}
	add(data)
	{
		let h = this.sum;

		for (let i = 0; i < data.length; i++)
			h = Math.imul(h ^ data[i], 0x01000193);
		this.sum = h;
		this.bytes += data.length;
	}
	get()
	{
		return { bytes: this.bytes, sum: this.sum >>> 0 };
	}
}

function body(req, done)
{
	const parts = [];

	req.on("data", data => parts.push(data));
	req.on("end", () => done(Buffer.concat(parts)));
}

// Answers of HTTP/1.1 and HTTP/2 are written alike.
function json(res, value)
{
	res.writeHead(200, { "content-type": "application/json",
	    "cache-control": "no-store" });
	res.end(JSON.stringify(value));
}

// ---- small ones ------------------------------------------------------------

const GIF = Buffer.from("R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=", "base64");

const kinds = {
	js: ["text/javascript", n => `window.ran.push(${n});`.padEnd(n * 97)],
	css: ["text/css", n => `#s${n} { z-index: ${n}; }`.padEnd(n * 61)],
	gif: ["image/gif", () => GIF],
	txt: ["text/plain", n => String(n).repeat(n * 10)],
	html: ["text/html", n => `<title>origin ${n}</title>`],
};

function resource(req, res, name)
{
	const [n, ext] = name.split(".");
	const [type, text] = kinds[ext];

	res.writeHead(200, { "content-type": type,
	    "cache-control": "no-store" });
	res.end(text(Number(n)));
}

function page(req, res)
{
	res.writeHead(200, { "content-type": "text/html",
	    "cache-control": "no-store" });
	res.end(fs.readFileSync(path.join(__dirname, "browserpage.html")));
}

// What came here, in its order.
function seen(req, res)
{
	body(req, data => json(res, { method: req.method, url: req.url,
	    headers: req.rawHeaders, length: data.length }));
}

// Answers with this status, and fields of their own.
const fields = {
	302: { location: "/status/307" },
	307: { location: "/seen/redirected" },
	200: { "set-cookie": ["a=1; Path=/", "b=2; Path=/; Secure"],
	    "x-twice": ["one", "two"], "x-empty": "" },
};

function status(req, res, code)
{
	body(req, () => {
		res.writeHead(Number(code), { ...PLAIN, ...fields[code] });
		res.end(code === "204" ? undefined : "status " + code);
	});
}

function result(req, res, name)
{
	body(req, data => {
		const file = path.join(dir, path.basename(name));

		fs.writeFileSync(file + ".new", data);
		fs.renameSync(file + ".new", file);
		json(res, {});
	});
}

// ---- by turns: each piece when the page has seen the one before -------------

const turns = {};

function next(req, res, name)
{
	const more = turns[name];

	json(res, {});
	if (more !== undefined)
		more();
}

function byTurns(res, key, type, first, last, text)
{
	let i = first;

	res.writeHead(200, { "content-type": type,
	    "cache-control": "no-store" });
	turns[key] = () => {
		res.write(text(++i));
		if (i === last) {
			delete turns[key];
			res.end();
		}
	};
	turns[key]();
}

function drip(req, res, name)
{
	byTurns(res, "drip-" + name, "text/plain", 0, 10, i => `${i}\n`);
}

function events(req, res, name)
{
	// after ten it ends, and the browser comes back for the rest
	const id = Number(req.headers["last-event-id"] || 0);

	byTurns(res, "event-" + name, "text/event-stream", id, id + 10,
	    i => `retry: 20\nid: ${i}\ndata: event ${i}\n\n`);
}

// The other direction: a page sends a piece when it was told of the one before.
const got = {}, asks = {};

function trickle(req, res, name)
{
	got[name] = 0;
	req.on("data", data => {
		got[name] += data.length;
		if (asks[name] !== undefined)
			json(asks[name], got[name]);
		delete asks[name];
	});
	req.on("end", () => json(res, got[name]));
}

function until(req, res, name)
{
	const n = Number(new URL(req.url, "https://x").searchParams.get("n"));

	if (got[name] >= n)
		json(res, got[name]);
	else
		asks[name] = res;
}

// ---- large ones ------------------------------------------------------------

const sums = {};

function down(req, res, name)
{
	const mib = Number(new URL(req.url, "https://x").searchParams.get("mib"));
	const block = crypto.randomBytes(MIB), sum = new Sum();
	let i = 0;

	res.writeHead(200, { "content-type": "application/octet-stream",
	    "content-length": mib * MIB, "cache-control": "no-store" });
	(function more()
	{
		while (i < mib) {
			const part = Buffer.from(block);

			part.writeUInt32LE(i++, 0);
			sum.add(part);
			// the client may ask for it as soon as it has the rest
			if (i === mib)
				sums[name] = sum.get();
			if (!res.write(part)) {
				res.once("drain", more);
				return;
			}
		}
		res.end();
	})();
}

function up(req, res)
{
	const sum = new Sum();

	req.on("data", data => sum.add(data));
	req.on("end", () => json(res, sum.get()));
}

// ---- WebSocket -------------------------------------------------------------

// Echoes messages; the first one says how it came here.  "reset me" is.
const ended = [];

function websocket(stream, how, rest)
{
	const frames = new Frames();
	let message = [], kind = 0;

	stream.on("error", () => {});
	stream.on("close", () => ended.push(stream.rstCode));
	stream.write(frame(1, Buffer.from(how)));
	function take(data)
	{
		let f;

		frames.add(data);
		while ((f = frames.next()) !== null) {
			if (f.op === 8) {
				stream.end(frame(8, f.data));
				return;
			}
			if (f.op === 9)
				stream.write(frame(10, f.data));
			if (f.op > 2)
				continue;
			kind = f.op || kind;
			message.push(f.data);
			if (f.fin) {
				const all = Buffer.concat(message);

				message = [];
				if (how === "h2" && all.equals(RESET))
					stream.close(http2.constants.
					    NGHTTP2_INTERNAL_ERROR);
				else
					stream.write(frame(kind, all));
			}
		}
	}
	stream.on("data", take);
	take(rest);
}

function upgrade(req, socket, head)
{
	const accept = crypto.createHash("sha1").update(
	    req.headers["sec-websocket-key"] + GUID).digest("base64");

	socket.write("HTTP/1.1 101 Switching Protocols\r\n" +
	    "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
	    `Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
	websocket(socket, "http/1.1", head);
}

function connect(req)
{
	if (req.headers[":protocol"] !== "websocket") {
		req.stream.respond({ ":status": 501 }, { endStream: true });
		return;
	}
	req.stream.respond({ ":status": 200 });
	websocket(req.stream, "h2", Buffer.alloc(0));
}

// ---- the servers -----------------------------------------------------------

const pages = { r: resource, page, seen, status, result, next, drip, events,
    trickle, until, down, up,
    sum: (req, res, name) => json(res, sums[name]),
    ended: (req, res) => json(res, ended),
    ws: (req, res) => {
	res.writeHead(426, PLAIN);
	res.end();
    } };

function request(req, res)
{
	const [what, name] = req.url.split("?")[0].split("/").slice(1);

	if (pages[what] === undefined) {
		res.writeHead(404, PLAIN);
		res.end();
		return;
	}
	pages[what](req, res, name);
}

const names = {};
const options = {
	SNICallback(name, done)
	{
		const file = path.join(pki, path.basename(name));

		names[name] ||= tls.createSecureContext({
		    cert: fs.readFileSync(file + ".crt"),
		    key: fs.readFileSync(file + ".key") });
		done(null, names[name]);
	},
};

const servers = [
	http2.createSecureServer({ ...options, allowHTTP1: true,
	    settings: { enableConnectProtocol: true } }).on("connect", connect),
	https.createServer({ ...options, ALPNProtocols: ["http/1.1"] }),
	http.createServer(),
];
let ready = 0;
servers.forEach((server, i) => server.on("request", request)
    .on("upgrade", upgrade).listen(Number(ports[i]), "::", () => {
	if (++ready === servers.length)
		console.log("ready");
    }));
