/* The protocols by name. CBOR's codec is loaded when first spoken: few clients do, and it is not small. */
import type { Protocol } from './protocol.ts';
import { json10, json11 } from './protocols/json.ts';
import { query } from './protocols/query.ts';
import { restJson } from './protocols/rest-json.ts';
import { restXml } from './protocols/rest-xml.ts';

export type ProtocolName = 'json10' | 'json11' | 'query' | 'restJson' | 'restXml' | 'cbor';

const ready: Partial<Record<ProtocolName, Protocol>> = { json10, json11, query, restJson, restXml };

/** A protocol that is ready to be spoken; undefined for one that is yet to be loaded. */
export function protocols(name: ProtocolName): Protocol | undefined {
  return ready[name];
}

export async function loadProtocol(name: ProtocolName): Promise<Protocol> {
  ready.cbor ??= (await import('./protocols/cbor.ts')).cbor;
  return ready[name]!;
}
