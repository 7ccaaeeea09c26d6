// SPDX-License-Identifier: Apache-2.0
// The Node origin of p020-smuggling.sh: a line for each request that it read.
// smuggle_origin.js ADDRESS CERT KEY LOG
const fs = require("fs"), http = require("http"), https = require("https");
const http2 = require("http2"), posix = require("path").posix;
const [addr, cert, key, log] = process.argv.slice(2);
const out = fs.openSync(log, "w");
const tls = { cert: fs.readFileSync(cert), key: fs.readFileSync(key) };

function path(target) {
	try {
		const u = new URL(target[0] === "/" ? "http://x" + target :
		    target);
		return posix.normalize(u.pathname.replace(
		    /%([0-9a-f]{2})/gi, (_, h) =>
		    String.fromCharCode(parseInt(h, 16))));
	} catch (e) {
		return "";
	}
}

function serve(req, res) {
	const parts = [];

	req.on("data", (d) => parts.push(d));
	req.on("end", () => {
		fs.writeSync(out, Buffer.from(JSON.stringify({
			m: req.method, u: req.url, d: path(req.url),
			h: req.headers[":authority"] || req.headers.host || "",
			p: req.httpVersionMajor === 2 ? "2" : "1",
			i: req.headers["x-id"] || "",
			b: Buffer.concat(parts).toString("latin1"),
		}) + "\n", "latin1"));
		res.writeHead(200, { "Content-Length": 3, "X-Read": req.url });
		res.end("ok\n");
	});
	req.on("error", () => {});
}

function quiet(server) {
	server.on("clientError", (e, s) => s.destroy());
	server.on("tlsClientError", () => {});
	server.on("sessionError", () => {});
	return server;
}

quiet(http.createServer(serve)).listen(8002, addr, 500);
quiet(https.createServer({ ...tls, ALPNProtocols: ["http/1.1"] }, serve))
	.listen(8444, addr, 500);
quiet(http2.createSecureServer(tls, serve)).listen(9444, addr, 500);
