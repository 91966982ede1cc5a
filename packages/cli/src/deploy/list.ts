/* The stacks that there are, what is in one, and which have to go before others. */
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  ListImportsCommand,
  ListStackResourcesCommand,
  type Stack,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';

/** In the order in which they were made. */
export async function allStacks(client: CloudFormationClient): Promise<Stack[]> {
  const stacks: Stack[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStacksCommand({ NextToken }));
    stacks.push(...(page.Stacks ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return stacks.sort((a, b) => a.CreationTime!.getTime() - b.CreationTime!.getTime());
}

export async function resourcesOf(client: CloudFormationClient, StackName: string): Promise<StackResourceSummary[]> {
  const resources: StackResourceSummary[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListStackResourcesCommand({ StackName, NextToken }));
    resources.push(...(page.StackResourceSummaries ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return resources;
}

/** Those that were made last first, and each before those whose exports it takes. */
export async function inOrderOfDeletion(client: CloudFormationClient, stacks: readonly Stack[]): Promise<Stack[]> {
  const importers = new Map<Stack, readonly Stack[]>();
  for (const stack of stacks) {
    const names = await importersOf(client, stack);
    importers.set(
      stack,
      stacks.filter(({ StackName }) => names.includes(StackName!)),
    );
  }
  const ordered = new Set<Stack>();
  const visit = (stack: Stack) => {
    if (ordered.has(stack)) return;
    for (const importer of importers.get(stack)!) visit(importer);
    ordered.add(stack);
  };
  for (const stack of [...stacks].reverse()) visit(stack);
  return [...ordered];
}

/** The names of the stacks that take what a stack exports. */
async function importersOf(client: CloudFormationClient, { Outputs = [] }: Stack): Promise<string[]> {
  const names: string[] = [];
  for (const { ExportName } of Outputs) {
    if (ExportName === undefined) continue;
    try {
      names.push(...((await client.send(new ListImportsCommand({ ExportName }))).Imports ?? []));
    } catch (error) {
      if (!(error instanceof Error && /is not imported by any stack/.test(error.message))) throw error;
    }
  }
  return names;
}
