// What Save mints: the id of a change, and the time at which it was saved.

// A UUID of version 7 (RFC 9562): 48 bits of the clock in milliseconds, then chance, so that ids sort as they were made. Given the
// last id of this phone, the new one sorts behind it, even when the clock was set back in between.
// crypto.randomUUID is missing on plain http, getRandomValues is not.
export function uuid7(after = "") {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let clock = after ? Math.max(Date.now(), mintedAt(after) + 1) : Date.now();
  for (let i = 5; i >= 0; i--, clock = Math.floor(clock / 256)) bytes[i] = clock % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// The milliseconds of the clock that an id carries.
export const mintedAt = (id) => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

// The phone's clock with its offset from UTC: 2026-08-20T09:42:07+07:00.
export function now(date = new Date()) {
  const ahead = -date.getTimezoneOffset();
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  const local = new Date(date.getTime() + ahead * 60000).toISOString().slice(0, 19);
  return `${local}${ahead < 0 ? "-" : "+"}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`;
}
