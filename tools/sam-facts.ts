/*
 * Writes what AWS SAM knows by heart, restated from the data of its own package: its policy templates, what connectors
 * permit, and the paths of AWS's managed policies, which templates give by their names alone.
 *
 *   python3 -m pip install --target DIRECTORY aws-sam-translator
 *   node --conditions=source tools/sam-facts.ts DIRECTORY
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Json = Record<string, never>;

const OUT = fileURLToPath(new URL('../packages/engine/src/languages/sam/facts.generated.json', import.meta.url));

/** Policies of roles that are linked to a service can't be attached to others. */
const NOT_ATTACHABLE = 'aws-service-role';

function restate(directory: string) {
  const read = (path: string) => JSON.parse(readFileSync(join(directory, 'samtranslator', path), 'utf8'));
  return {
    policyTemplates: policyTemplates(read('policy_templates_data/policy_templates.json').Templates),
    connectors: connectors(read('model/connector_profiles/profiles.json').Permissions),
    managedPolicies: managedPolicies(read('internal/data/aws_managed_policies.json').aws),
  };
}

function policyTemplates(templates: Record<string, { Parameters: Json; Definition: Json }>) {
  const each = Object.entries(templates).map(([name, { Parameters, Definition }]) => {
    return [name, { parameters: Object.keys(Parameters), document: Definition }];
  });
  return Object.fromEntries(each);
}

interface Profile {
  readonly Type: string;
  readonly Properties: { SourcePolicy?: boolean; DependedBy?: string; AccessCategories: Json };
}

function connectors(permissions: Record<string, Record<string, Profile>>) {
  const each = Object.entries(permissions).flatMap(([source, destinations]) =>
    Object.entries(destinations).map(([destination, { Type, Properties }]) => {
      const { SourcePolicy, DependedBy, AccessCategories } = Properties;
      const facts = { means: Type, ofSource: SourcePolicy, dependedBy: DependedBy, access: AccessCategories };
      return [`${source} ${destination}`, facts];
    }),
  );
  return Object.fromEntries(each);
}

/** The names of each path, one after the other: `{ "service-role": "AWSLambdaRole …" }`. */
function managedPolicies(arns: Record<string, string>) {
  const paths = new Map<string, string[]>();
  for (const arn of Object.values(arns)) {
    const [, path = '', name = ''] = /:policy\/(?:(.*)\/)?([^/]+)$/.exec(arn) ?? [];
    if (path !== NOT_ATTACHABLE) paths.set(path, [...(paths.get(path) ?? []), name]);
  }
  return Object.fromEntries([...paths].sort().map(([path, names]) => [path, names.sort().join(' ')]));
}

if (import.meta.main) writeFileSync(OUT, `${JSON.stringify(restate(process.argv[2]!))}\n`);
