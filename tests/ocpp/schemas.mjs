// The official JSON schemas of OCPP 1.6, read from the ocpp-rpc package, as functions payload → accepted.
import {createRequire} from "node:module";
import {readFileSync} from "node:fs";
import {dirname, join} from "node:path";

const require = createRequire(import.meta.url);
const Ajv = require("ajv");
const addFormats = require("ajv-formats");

// The files stand beside the package.json.
const folder = join(dirname(require.resolve("ocpp-rpc/package.json")), "lib", "schemas");
export const schemas = JSON.parse(readFileSync(join(folder, "ocpp1_6.json"), "utf8"));

/** The actions that the codec types: the standard's 28, without the security extension. */
export const extension = new Set([
  "CertificateSigned", "DeleteCertificate", "ExtendedTriggerMessage", "GetInstalledCertificateIds", "GetLog",
  "InstallCertificate", "LogStatusNotification", "SecurityEventNotification", "SignCertificate",
  "SignedFirmwareStatusNotification", "SignedUpdateFirmware",
]);
export const typed = schemas.filter(({$id}) => !extension.has($id.replace(/^urn:|\.(req|conf)$/g, "")));

// multipleOf 0.1 is decided on a double: 0.3 / 0.1 is not 3 without a precision.
const ajv = new Ajv({strictSchema: false, multipleOfPrecision: 6});
addFormats(ajv);
// Compiled without their $id: "urn:Reset.req" is no URN to every resolver.
const validators = new Map(schemas.map(({$id, ...body}) => [$id, ajv.compile(body)]));

export function accepts(id, payload) {
  const validate = validators.get(id);
  if (!validate) throw new Error(`no schema ${id}`);
  return validate(payload);
}

export function reason(id) {
  return ajv.errorsText(validators.get(id).errors);
}
