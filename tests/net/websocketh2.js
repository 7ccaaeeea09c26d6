#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// WebSocket over HTTP/2 (RFC 8441) as a client of browserorigin.js.
//	websocketh2.js ADDRESS PORT NAME CA-FILE [no]
// With no: the server must not offer it.
"use strict";
const fs = require("fs");
const http2 = require("http2");
const { frame, Frames } = require("./wsframe.js");

const [addr, port, name, ca, no] = process.argv.slice(2);
const KEY = Buffer.from("abcd");
const session = http2.connect(`https://${name}:${port}`, { host: addr,
    lookup: (_, o, done) => o.all ? done(null, [{ address: addr, family: 4 }]) :
    done(null, addr, 4), servername: name, ca: fs.readFileSync(ca) });

function check(what, ok, seen)
{
	console.log(`${ok ? "ok" : "BAD"}: ${what}`, ok ? "" : seen);
	if (!ok)
		process.exit(1);
}

function once(emitter, event)
{
	return new Promise(done => emitter.once(event, (...a) => done(a)));
}

function get(path)
{
	const req = session.request({ ":path": path });
	const parts = [];

	req.on("data", d => parts.push(d));
	return once(req, "end").then(() =>
	    JSON.parse(Buffer.concat(parts).toString()));
}

class WebSocket {
	constructor(path, protocol)
	{
		this.frames = new Frames();
		this.stream = session.request({ ":method": "CONNECT",
		    ":protocol": protocol || "websocket", ":path": path,
		    "sec-websocket-version": "13", "origin": "https://" + name },
		    { endStream: false });
		this.stream.on("error", () => {});
		this.stream.on("data", d => this.frames.add(d));
		this.closed = once(this.stream, "close").then(
		    () => this.stream.rstCode);
		this.status = once(this.stream, "response").then(
		    ([h]) => h[":status"]);
	}
	send(op, data)
	{
		this.stream.write(frame(op, Buffer.from(data), KEY));
	}
	async next()
	{
		let f;

		while ((f = this.frames.next()) === null)
			await Promise.race([once(this.stream, "data"),
			    this.closed.then(() => {
				throw new Error("closed");
			    })]);
		return f;
	}
}

async function talk(i)
{
	const ws = new WebSocket("/ws");

	if (await ws.status !== 200 ||
	    (await ws.next()).data.toString() !== "h2")
		return false;
	for (let k = 0; k < 20; k++) {
		const data = Buffer.alloc((i * 97 + k * 1013) % 30000, i);

		ws.send(2, data);
		const f = await ws.next();
		if (f.op !== 2 || !f.data.equals(data))
			return false;
	}
	ws.send(8, [3, 232]);
	const f = await ws.next();
	ws.stream.end();
	return f.op === 8 && await ws.closed === 0;
}

(async () => {
	let can;

	// the origin's own come after ours
	session.on("remoteSettings", s => can = s.enableConnectProtocol);
	await new Promise(done => session.request({ ":path": "/" })
	    .on("end", done).resume());
	for (let i = 0; i < 40 && !can && !no; i++)
		await new Promise(done => setTimeout(done, 50));
	check("the server's setting", Boolean(can) === !no, can);
	if (no)
		process.exit(0);
	const all = [];
	for (let i = 0; i < 50; i++) {
		all.push(talk(i));
		all.push(get("/seen").then(r => r.method === "GET"));
	}
	const good = await Promise.all(all);
	check("50 at once on one connection", good.every(g => g), good);

	const big = new WebSocket("/ws"), data = Buffer.alloc(3000000, "x");
	await big.next();
	big.send(2, data);
	check("3 MB", (await big.next()).data.equals(data));

	const mine = new WebSocket("/ws");
	await mine.next();
	const before = (await get("/ended")).length;
	mine.stream.close(http2.constants.NGHTTP2_CANCEL);
	let ended;
	for (let i = 0; i < 100; i++) {
		ended = await get("/ended");
		if (ended.length > before)
			break;
		await new Promise(done => setTimeout(done, 50));
	}
	check("the client's reset reaches the server",
	    ended[ended.length - 1] === 8, ended);

	const theirs = new WebSocket("/ws");
	await theirs.next();
	theirs.send(1, "reset me");
	check("the server's reset reaches the client",
	    await theirs.closed === 2, theirs.stream.rstCode);

	const other = new WebSocket("/ws", "connect-udp");
	check("another protocol is the server's to judge",
	    await other.status === 501, await other.status);
	const blocked = new WebSocket("/ws/blocked");
	check("a URL filter sees its path", await blocked.status === 403,
	    await blocked.status);
	big.send(1, "still here");
	check("the others go on",
	    (await big.next()).data.toString() === "still here");
	process.exit(0);
})();
setTimeout(() => check("in time", false, ""), 30000);
