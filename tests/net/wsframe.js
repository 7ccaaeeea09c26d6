// SPDX-License-Identifier: Apache-2.0
// Frames of WebSocket, RFC 6455 section 5.2.
"use strict";

function mask(data, key)
{
	return data.map((b, i) => b ^ key[i & 3]);
}

// A whole message; with a key of four bytes as clients send it.
exports.frame = function(op, data, key)
{
	const n = data.length, bit = key ? 128 : 0;
	let head;

	if (n < 126)
		head = Buffer.from([0x80 | op, bit | n]);
	else if (n < 65536)
		head = Buffer.from([0x80 | op, bit | 126, n >> 8, n & 255]);
	else {
		head = Buffer.alloc(10);
		head[0] = 0x80 | op;
		head[1] = bit | 127;
		head.writeBigUInt64BE(BigInt(n), 2);
	}
	return Buffer.concat(key ? [head, key, mask(data, key)] : [head, data]);
};

// Takes frames off a stream: what is not whole is kept for the next call.
exports.Frames = class {
	constructor()
	{
		this.buf = Buffer.alloc(0);
	}
	add(data)
	{
		this.buf = Buffer.concat([this.buf, data]);
	}
	// { op, fin, data } or null
	next()
	{
		const buf = this.buf;
		let at = 2, n;

		if (buf.length < 2)
			return null;
		n = buf[1] & 127;
		at += { 126: 2, 127: 8 }[n] || 0;
		if (buf.length < at)
			return null;
		if (n === 126)
			n = buf.readUInt16BE(2);
		else if (n === 127)
			n = Number(buf.readBigUInt64BE(2));
		const key = buf[1] & 128 ? buf.subarray(at, at + 4) : null;
		at += key ? 4 : 0;
		if (buf.length < at + n)
			return null;
		const data = Buffer.from(buf.subarray(at, at + n));
		this.buf = buf.subarray(at + n);
		return { op: buf[0] & 15, fin: buf[0] >= 128,
		    data: key ? mask(data, key) : data };
	}
};
