/* No twin in Python. */
/* A zip of small parts, stored as they are: what a .docx is. No clock in it. */
window.WordZip = (function () {
  "use strict";

  const DAY = 0x21; // 1 January 1980
  const table = Uint32Array.from({ length: 256 }, (_, n) => {
    let value = n;
    for (let k = 0; k < 8; k += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });

  function crc(bytes) {
    let value = 0xffffffff;
    for (const byte of bytes) value = table[(value ^ byte) & 255] ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
  }

  /* Numbers of two and four bytes, the least first. */
  function record(fields) {
    const made = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
    let at = 0;
    for (const [size, value] of fields) {
      if (size === 2) made.setUint16(at, value, true);
      else made.setUint32(at, value, true);
      at += size;
    }
    return new Uint8Array(made.buffer);
  }

  /* Parts are pairs of a name and a text or bytes. */
  function zip(parts) {
    const encoder = new TextEncoder();
    const [files, directory] = [[], []];
    let at = 0;
    for (const [title, content] of parts) {
      const name = encoder.encode(title);
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      const shared = [
        [2, 20], [2, 0x800], [2, 0], [2, 0], [2, DAY], [4, crc(bytes)], [4, bytes.length], [4, bytes.length], [2, name.length], [2, 0],
      ];
      const head = record([[4, 0x04034b50], ...shared]);
      files.push(head, name, bytes);
      directory.push(record([[4, 0x02014b50], [2, 20], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), name);
      at += head.length + name.length + bytes.length;
    }
    const size = directory.reduce((sum, part) => sum + part.length, 0);
    const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, parts.length], [2, parts.length], [4, size], [4, at], [2, 0]]);
    return [...files, ...directory, end];
  }

  return { zip };
})();
