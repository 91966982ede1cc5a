/* The protocols by name. CBOR's codec is loaded when first spoken: few clients do, and it is not small. */
import type { Protocol } from './protocol.ts';
import { json10, json11 } from './protocols/json.ts';
import { query } from './protocols/query.ts';
import { restJson } from './protocols/rest-json.ts';
import { restXml } from './protocols/rest-xml.ts';

const ready = { json10, json11, query, restJson, restXml };

export type ProtocolName = keyof typeof ready | 'cbor';

let cbor: Promise<Protocol> | undefined;

export function protocols(name: ProtocolName): Protocol | Promise<Protocol> {
  if (name !== 'cbor') return ready[name];
  cbor ??= import('./protocols/cbor.ts').then((module) => module.cbor);
  return cbor;
}
