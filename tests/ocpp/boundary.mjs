// Writes cases made from the official schemas, one JSON line each: {"schema", "payload", "accepted"}. Every enumeration value,
// every length at and beyond its limit, every field absent, of another type, and beside an unknown one.
import {accepts, typed} from "./schemas.mjs";

const otherTypes = [null, true, 0, 1, -1, 1.5, 1e3, 0.05, 0.3, "", "x", "1", [], [{}], {}, {x: 1}];

function smallest(schema) {
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object":
      return Object.fromEntries((schema.required ?? []).map((name) => [name, smallest(schema.properties[name])]));
    case "array": return [smallest(schema.items)];
    case "integer": return 1;
    case "number": return 1.5;
    case "boolean": return true;
    default:
      if (schema.format === "date-time") return "2026-11-23T12:00:00Z";
      if (schema.format === "uri") return "ftp://example.org/x";
      return "a";
  }
}

function* textVariants(schema) {
  if (schema.enum) {
    for (const value of schema.enum) {
      yield value;
      yield value.toLowerCase();
      yield value + " ";
    }
  }
  if (schema.maxLength) {
    for (const character of ["a", "德", "𝄞"]) {
      yield character.repeat(schema.maxLength);
      yield character.repeat(schema.maxLength + 1);
    }
  }
  if (schema.format === "date-time") {
    yield* ["2026-11-23T12:00:00.123456+08:00", "2026-11-23 12:00:00Z", "2026-11-23T12:00:00", "2026-02-29T12:00:00Z",
            "2024-02-29T12:00:00Z", "2016-12-31T23:59:60Z", "2016-12-31T22:59:60Z", "2026-11-23T12:00Z", "20261123T120000Z",
            "2026-11-23t12:00:00z", "2026-11-23T12:00:00+0800", "2026-11-23T12:00:00+08", "2026-11-23T12:00:00.Z", "now"];
  }
  if (schema.format === "uri") {
    yield* ["http://a/b?c#d", "a", "a:", "a:b", "//a/b", "http://a b", "http://[::1]:8080/x", "http://[::g]/", "ftp://é",
            "ftp://u:p@h:21/%41", "ftp://h/%4", "http://h:x/", "http://1.2.3.4", "urn:x:y", "1a:b", "file:///a"];
  }
}

function* variants(schema) {
  yield* otherTypes;
  yield smallest(schema);
  if (schema.type === "string") yield* textVariants(schema);
  if (schema.type === "integer") yield* [2147483647, -2147483648, 9007199254740991, 12.0, 12.5, 1e-1];
  if (schema.type === "number") yield* [0.1, 0.2, 0.7, 16.35, 1000000.1, 1e2, -0.1, 0.15];
  if (schema.type === "array") {
    yield [smallest(schema.items), smallest(schema.items)];
    for (const value of variants(schema.items)) yield [value];
  }
  if (schema.type === "object") {
    const base = smallest(schema);
    yield {...base, extra: 1};
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const {[name]: dropped, ...rest} = base;
      yield rest;
      yield {...rest, [name.toUpperCase()]: smallest(property)};
      for (const value of variants(property)) yield {...base, [name]: value};
    }
  }
}

for (const schema of typed) {
  const seen = new Set();
  for (const payload of variants(schema)) {
    const text = JSON.stringify(payload);
    if (seen.has(text)) continue;
    seen.add(text);
    console.log(`{"schema":${JSON.stringify(schema.$id)},"accepted":${accepts(schema.$id, payload)},"payload":${text}}`);
  }
}
