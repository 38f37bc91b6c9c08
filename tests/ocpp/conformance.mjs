// Reads JSON lines {"schema", "accepted", "payload"} that the codec's strict mode judged and compares every verdict with the
// official schema's. Exit status 1 on any disagreement, or when an action is missing.
import {createReadStream} from "node:fs";
import {createInterface} from "node:readline";
import {accepts, reason, typed} from "./schemas.mjs";

const counts = new Map(typed.map(({$id}) => [$id, {accepted: 0, refused: 0}]));
let total = 0;
let disagreements = 0;

for await (const line of createInterface({input: createReadStream(process.argv[2]), crlfDelay: Infinity})) {
  const {schema, accepted, payload} = JSON.parse(line);
  const official = accepts(schema, payload);
  ++total;
  ++counts.get(schema)[official ? "accepted" : "refused"];
  if (official === accepted) continue;
  if (++disagreements <= 20) {
    const why = official ? "the schema accepts it" : reason(schema);
    console.error(`${schema}: codec ${accepted ? "accepts" : "refuses"}, ${why}\n  ${line}`);
  }
}

const unseen = [...counts].filter(([, count]) => count.accepted === 0 || count.refused === 0).map(([id]) => id);
if (unseen.length > 0) console.error(`not tried both ways: ${unseen.join(", ")}`);
console.log(`${total} payloads of ${counts.size} schemas, ${disagreements} disagreements`);
process.exit(disagreements > 0 || unseen.length > 0 ? 1 : 0);
